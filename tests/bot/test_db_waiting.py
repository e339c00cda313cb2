"""The queue of writers: one at a time, in order, and nobody is forgotten."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.db.waiting import CALLED, WaitingLine


async def test_they_come_in_order_and_one_at_a_time() -> None:
    line = WaitingLine()
    order: list[int] = []
    inside = 0

    async def one(number: int) -> None:
        nonlocal inside
        async with line:
            inside += 1
            assert inside == 1
            order.append(number)
            if number % 3 == 0:
                await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(one(number) for number in range(50)))
    assert order == list(range(50))


async def test_several_come_within_one_turn_of_the_loop() -> None:
    line = WaitingLine()
    turns = 0

    async def one() -> None:
        async with line:
            pass

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    await line.acquire()
    waiting = [asyncio.create_task(one()) for _ in range(CALLED * 5)]
    await asyncio.sleep(0)
    counter = asyncio.create_task(count())
    await asyncio.sleep(0)
    before = turns
    line.release()
    await asyncio.gather(*waiting)
    counter.cancel()
    assert turns - before <= 5 * 2


async def test_who_gives_up_after_being_called_lets_the_next_come() -> None:
    line = WaitingLine()
    await line.acquire()
    first, second = (asyncio.create_task(line.acquire()) for _ in range(2))
    await asyncio.sleep(0)
    line.release()  # both are called, and neither has come yet
    first.cancel()
    async with asyncio.timeout(5):
        await second
    assert first.cancelled() or first.done()
    late = asyncio.create_task(line.acquire())
    await asyncio.sleep(0.001)
    assert not late.done()
    line.release()
    async with asyncio.timeout(5):
        await late


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=40))
def test_whoever_does_not_give_up_gets_their_turn(
    people: list[tuple[int, int, bool]],
) -> None:
    async def all_of_them() -> None:
        line = WaitingLine()
        inside = 0
        came: set[int] = set()

        async def one(number: int, before: int, within: int) -> None:
            nonlocal inside
            for _ in range(before):
                await asyncio.sleep(0)
            async with line:
                inside += 1
                assert inside == 1
                try:
                    for _ in range(within):
                        await asyncio.sleep(0)
                finally:
                    inside -= 1
                came.add(number)

        tasks = [
            asyncio.create_task(one(number, before, within))
            for number, (before, within, _) in enumerate(people)
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for task, (_, _, gives_up) in zip(tasks, people, strict=True):
            if gives_up:
                task.cancel()
                await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await asyncio.gather(*tasks, return_exceptions=True)
        stayed = {number for number, (_, _, gives_up) in enumerate(people) if not gives_up}
        assert stayed <= came
        async with asyncio.timeout(10), line:  # and it is free in the end
            pass

    asyncio.run(all_of_them())
