"""Charts as lines of text with roles: columns, trends, bands, shares and time axes. Pure functions of numbers.

A chart over time starts with a `TimeAxis`, which has one cell for each column:

    axis = TimeAxis.rolling(3600, now, 60)                   # time_axis: the last hour in 60 cells
    values = axis.counts(ended, known_since=first)           # one number for each cell; None: not known
    ticks = tick_cells(axis, releases)                       # ticks: `Tick`s are releases and changes of configuration
    gaps = gap_cells(axis, coverage)                         # periods: nobody watched
    top = scales.top("runs", largest(values), "count")       # scale: kept by the screen, so that it never shrinks
    chart = Columns(values, "area-completed")                # columns: also `trend` for a list, and `up_and_down`
    lines = [
        name_line(axis, releases),
        *columns(chart, 4, top, signs, gaps=gaps, ticks=ticks),
        axis_line(axis, zone),
    ]

`bars` has lengths, shares of a whole, and a value against its usual range; `interval` has a value with its interval against
a limit. `signs` are the characters of the terminal:
`signs_of(app.settings)`. The colours are `theme.AREAS`. A screen shows the lines in a `ChartPane` or in the rows of a
list; both repaint only the cells that changed.

All times are UTC epoch seconds. A value that is None or not a number is unknown, and its cell is empty; an infinite one
fills its column; a negative one counts as 0. Names and words must be display-safe.
"""
