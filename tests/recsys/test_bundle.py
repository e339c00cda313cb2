from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from recsys.bundle import FORMAT_VERSION, MANIFEST, Bundle, BundleError, save_bundle
from recsys.models.linear import LinearModel

MANIFEST_BODY = {"model": "test", "metrics": {"ndcg@100": 0.5}}


def save(path, value=1.0):
    return save_bundle(path, {"weights": {"w": np.full(500, value, np.float32)}}, MANIFEST_BODY)


def edit_manifest(path, **changes):
    manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    manifest.update(changes)
    (path / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def test_what_was_saved_is_loaded(tmp_path):
    save(tmp_path)
    bundle = Bundle.load(tmp_path)
    assert bundle.tensors("weights")["w"].tolist() == [1.0] * 500
    assert bundle.manifest["metrics"] == {"ndcg@100": 0.5}
    assert bundle.model == "test"


def test_the_same_weights_give_the_same_bytes_and_version(tmp_path):
    save(tmp_path / "a")
    save(tmp_path / "b")
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
    assert Bundle.load(tmp_path / "a").version == Bundle.load(tmp_path / "b").version


def test_other_weights_have_another_version(tmp_path):
    save(tmp_path / "a")
    save(tmp_path / "b", value=2.0)
    assert Bundle.load(tmp_path / "a").version != Bundle.load(tmp_path / "b").version


@pytest.mark.parametrize("position", [0, 9, 700, -1])
def test_one_flipped_bit_anywhere_is_refused_with_the_name_of_the_file(tmp_path, position):
    save(tmp_path)
    (file,) = tmp_path.glob("*.safetensors")
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)
    with pytest.raises(BundleError, match=rf"{file.name} .* is damaged"):
        Bundle.load(tmp_path)


def test_a_file_that_was_cut_short_is_refused(tmp_path):
    save(tmp_path)
    (file,) = tmp_path.glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(BundleError, match="is damaged"):
        Bundle.load(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    save(tmp_path)
    (file,) = tmp_path.glob("*.safetensors")
    file.unlink()
    with pytest.raises(BundleError, match=f"lacks its file {file.name}"):
        Bundle.load(tmp_path)


def test_an_empty_folder_says_how_to_make_a_bundle(tmp_path):
    with pytest.raises(BundleError, match=r"There is no bundle in .*recsys train"):
        Bundle.load(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "\x00\x01", "[1, 2"])
def test_a_damaged_manifest_is_refused(tmp_path, content):
    (tmp_path / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(BundleError, match="damaged"):
        Bundle.load(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{}", '{"manifest_version": 3, "name": "an extension"}'])
def test_a_foreign_manifest_is_refused(tmp_path, content):
    (tmp_path / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(BundleError, match="does not belong to an Osusume bundle"):
        Bundle.load(tmp_path)


def test_a_bundle_of_a_later_format_asks_for_an_update(tmp_path):
    save(tmp_path)
    edit_manifest(tmp_path, format_version=FORMAT_VERSION + 1)
    with pytest.raises(BundleError, match="update Osusume"):
        Bundle.load(tmp_path)


def test_a_bundle_of_the_first_format_is_read_by_every_later_version(tmp_path):
    """Written here byte by byte as the first version did, so that no later code writes it anew."""
    header = b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    header += b" " * (-len(header) % 8)
    weights = len(header).to_bytes(8, "little") + header + np.array([0.5, -2.0], "<f4").tobytes()
    digest = hashlib.sha256(weights).hexdigest()
    name = f"weights.{digest[:8]}.safetensors"
    (tmp_path / name).write_bytes(weights)
    (tmp_path / "manifest.json").write_text(
        '{"format": "osusume-bundle", "format_version": 1, "model": "test", "files": {"weights": '
        f'{{"name": "{name}", "bytes": {len(weights)}, "sha256": "{digest}"}}}}}}',
        encoding="utf-8",
    )
    bundle = Bundle.load(tmp_path)
    assert bundle.model == "test"
    assert bundle.tensors("weights")["w"].tolist() == [0.5, -2.0]


@pytest.mark.parametrize("version", [0, -1, None, "1", True, 1.0])
def test_a_format_that_never_was_or_is_no_longer_read_is_refused(tmp_path, version):
    save(tmp_path)
    edit_manifest(tmp_path, format_version=version)
    with pytest.raises(BundleError, match=r"does not read: .*recsys train"):
        Bundle.load(tmp_path)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "weights.safetensors", 3])
def test_a_manifest_cannot_point_outside_its_folder(tmp_path, name):
    save(tmp_path)
    edit_manifest(tmp_path, files={"weights": {"name": name, "bytes": 1, "sha256": "0" * 64}})
    with pytest.raises(BundleError, match="does not name its model or files"):
        Bundle.load(tmp_path)


@pytest.mark.parametrize("changes", [{"model": None}, {"files": {}}, {"files": [1]}])
def test_a_manifest_with_parts_missing_is_refused(tmp_path, changes):
    save(tmp_path)
    edit_manifest(tmp_path, **changes)
    with pytest.raises(BundleError, match="damaged"):
        Bundle.load(tmp_path)


def test_a_part_that_the_bundle_lacks_is_named(tmp_path):
    save(tmp_path)
    with pytest.raises(BundleError, match="no part “rating”"):
        Bundle.load(tmp_path).tensors("rating")


def test_a_bundle_of_another_model_is_refused_by_the_linear_model(tmp_path):
    save(tmp_path)
    with pytest.raises(BundleError, match="holds the model test"):
        LinearModel.load(Bundle.load(tmp_path))


def test_saving_again_leaves_one_bundle_and_the_other_files_of_the_folder(tmp_path):
    (tmp_path / "catalog.json.xz").write_bytes(b"facts")
    save(tmp_path)
    save(tmp_path, value=2.0)
    assert len(list(tmp_path.glob("*.safetensors"))) == 1
    assert (tmp_path / "catalog.json.xz").read_bytes() == b"facts"
    assert Bundle.load(tmp_path).tensors("weights")["w"][0] == 2.0


def test_a_save_that_dies_before_the_switch_leaves_the_old_bundle_whole(tmp_path, monkeypatch):
    save(tmp_path)
    version = Bundle.load(tmp_path).version

    def power_cut(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("recsys.bundle.json.dumps", power_cut)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path, value=2.0)
    assert Bundle.load(tmp_path).version == version


def test_the_bundle_that_ships_is_whole_and_small_enough():
    bundle = Bundle.load()
    assert sum(entry["bytes"] for entry in bundle.manifest["files"].values()) < 28e6
    model = LinearModel.load(bundle)
    assert len(model.item_ids) > 9000
    assert model.index_of(1) is not None  # Cowboy Bebop
    assert model.index_of(2) is None  # MyAnimeList has no such id
