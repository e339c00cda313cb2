"""What happens to scores before they become picks."""
