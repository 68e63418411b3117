"""A socket's bounded queue: what a reader may lag behind before it is dropped."""

from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class BoundedQueue(Generic[Item]):
    """First in, first out, limited by count and by size; a refused item is not kept."""

    __slots__ = ("_items", "_max_items", "_max_size", "size")

    def __init__(self, *, max_items: int, max_size: int) -> None:
        self._items: deque[tuple[Item, int]] = deque()
        self._max_items = max_items
        self._max_size = max_size
        self.size = 0

    def __len__(self) -> int:
        return len(self._items)

    def offer(self, item: Item, size: int) -> bool:
        """Keep `item`, or answer False when the reader is too far behind."""
        items = self._items
        if items and (len(items) >= self._max_items or self.size + size > self._max_size):
            return False
        items.append((item, size))
        self.size += size
        return True

    def take(self) -> Item:
        """The oldest item; IndexError when empty."""
        item, size = self._items.popleft()
        self.size -= size
        return item

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()
        self.size = 0
