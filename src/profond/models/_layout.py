"""Where the boxes of a diagram go: in rows by depth, few crossings, nothing overlapping.

After Sugiyama, Tagawa & Toda 1981 (Methods for Visual Understanding of Hierarchical System
Structures): rows, order within a row, then places. Arrows that skip a row have a narrow place of
their own in it, so that they never run behind a box.
"""

from dataclasses import dataclass, field

Point = tuple[float, float]

_SWEEPS = 8
_RELAXATIONS = 40


@dataclass
class Item:
    """A box, or the place in a row of an arrow that passes it.

    Attributes:
        length: Its size along the arrows' direction.
        breadth: Its size across.
        row: Number of its row, in the arrows' direction.
        across: The place of its middle, across.
        along: The place of its middle, along.
    """

    length: float = 0.0
    breadth: float = 0.0
    row: int = 0
    across: float = 0.0
    along: float = 0.0


@dataclass
class Layout:
    """Places for boxes and arrows; distances in the unit of the sizes given.

    Args:
        boxes: The boxes, each before those that its arrows lead to.
        arrows: Pairs of places in `boxes`, from and to.
        gap: Distance between neighbours of a row.
        row_gap: Distance between rows.

    Attributes:
        length: Size of the whole, along.
        breadth: Size of the whole, across.
    """

    boxes: list[Item]
    arrows: list[tuple[int, int]]
    gap: float
    row_gap: float
    length: float = 0.0
    breadth: float = 0.0
    _rows: list[list[Item]] = field(default_factory=list)
    _ways: list[list[Item]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._choose_rows()
        self._make_ways()
        self._order_rows()
        self._place_across()
        self._place_along()

    def way(self, arrow: int) -> list[Point]:
        """The points (across, along) that an arrow passes, its two ends on the boxes' edges."""
        items = self._ways[arrow]
        first, last = items[0], items[-1]
        begin = (self._port(arrow, first, out=True), first.along + first.length / 2)
        end = (self._port(arrow, last, out=False), last.along - last.length / 2)
        points = [begin]
        for item in items[1:-1]:
            # Straight past the row: bends are between rows only, where nothing is in the way.
            points.append((item.across, item.along - item.length / 2))
            points.append((item.across, item.along + item.length / 2))
        return [*points, end]

    def _port(self, arrow: int, item: Item, out: bool) -> float:
        """Where on its box an arrow begins or ends: several stand side by side."""
        end, other = (0, 1) if out else (-1, -2)
        mates = [i for i, way in enumerate(self._ways) if way[end] is item]
        mates.sort(key=lambda i: self._ways[i][other].across)
        step = min(12.0, item.breadth / (len(mates) + 1))
        return item.across + step * (mates.index(arrow) - (len(mates) - 1) / 2)

    def _choose_rows(self) -> None:
        """Each box as near to the end as those after it allow: inputs stand where they are used."""
        from_end = [0] * len(self.boxes)
        for source, target in sorted(self.arrows, key=lambda arrow: -arrow[1]):
            from_end[source] = max(from_end[source], from_end[target] + 1)
        deepest = max(from_end, default=0)
        self._rows = [[] for _ in range(deepest + 1)]
        for box, depth in zip(self.boxes, from_end, strict=True):
            box.row = deepest - depth
            self._rows[box.row].append(box)

    def _make_ways(self) -> None:
        """The items that each arrow connects, with a point for each row between."""
        for source, target in self.arrows:
            first, last = self.boxes[source], self.boxes[target]
            points = [Item(breadth=self.gap / 2, row=row) for row in range(first.row + 1, last.row)]
            for point in points:
                self._rows[point.row].append(point)
            self._ways.append([first, *points, last])

    def _neighbours(self) -> tuple[dict[int, list[Item]], dict[int, list[Item]]]:
        """The items before and after each item, by its id."""
        before: dict[int, list[Item]] = {}
        after: dict[int, list[Item]] = {}
        for way in self._ways:
            for a, b in zip(way, way[1:], strict=False):
                after.setdefault(id(a), []).append(b)
                before.setdefault(id(b), []).append(a)
        return before, after

    def _order_rows(self) -> None:
        """Order each row by the middle of its neighbours, there and back again."""
        before, after = self._neighbours()
        for row in self._rows:
            _number(row)
        for sweep in range(_SWEEPS):
            down = sweep % 2 == 0
            for row in self._rows if down else reversed(self._rows):
                row.sort(key=lambda item: _middle(before if down else after, item))  # noqa: B023
                _number(row)

    def _place_across(self) -> None:
        """Draw each item to the middle of its neighbours, as far as the row has room."""
        before, after = self._neighbours()
        for row in self._rows:
            self._spread(row, [0.0] * len(row))
        for turn in range(_RELAXATIONS):
            down = turn % 2 == 0
            for row in self._rows if down else reversed(self._rows):
                sides = (
                    (before, after) if turn >= _RELAXATIONS - 2 else (before if down else after,)
                )
                wanted = []
                for item in row:
                    found = [n.across for side in sides for n in side.get(id(item), ())]
                    wanted.append(sum(found) / len(found) if found else item.across)
                self._spread(row, wanted)
        items = [item for row in self._rows for item in row]
        low = min((item.across - item.breadth / 2 for item in items), default=0.0)
        for item in items:
            item.across -= low
        self.breadth = max((item.across + item.breadth / 2 for item in items), default=0.0)

    def _spread(self, row: list[Item], wanted: list[float]) -> None:
        """Place a row, in order and apart, with the least sum of squared distances to `wanted`.

        By pooling neighbours that are in each other's way (isotonic regression).
        """
        offsets = [0.0]
        for a, b in zip(row, row[1:], strict=False):
            offsets.append(offsets[-1] + (a.breadth + b.breadth) / 2 + self.gap)
        pools: list[list[float]] = []  # mean, number of items
        for want, offset in zip(wanted, offsets, strict=False):
            pools.append([want - offset, 1.0])
            while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
                mean, count = pools.pop()
                total = pools[-1][1] + count
                pools[-1] = [(pools[-1][0] * pools[-1][1] + mean * count) / total, total]
        means = [mean for mean, count in pools for _ in range(int(count))]
        for item, mean, offset in zip(row, means, offsets, strict=False):
            item.across = mean + offset

    def _place_along(self) -> None:
        """Row after row, each as long as its longest box."""
        place = 0.0
        for row in self._rows:
            length = max((item.length for item in row), default=0.0)
            for item in row:
                item.along = place + length / 2
                item.length = item.length or length  # a passing arrow's is that of the row
            place += length + self.row_gap
        self.length = max(0.0, place - self.row_gap)


def _number(row: list[Item]) -> None:
    """Let the places across be those in the order of the row, for the time being."""
    for place, item in enumerate(row):
        item.across = float(place)


def _middle(neighbours: dict[int, list[Item]], item: Item) -> float:
    """The mean place of the neighbours; the own one without any."""
    found = [n.across for n in neighbours.get(id(item), ())]
    return sum(found) / len(found) if found else item.across
