"""What each column matters, does, and holds."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profond import figures
from profond.data import load_bundled
from profond.figures import _frames, numbers


def squared(truth, predicted):
    return (np.asarray(truth) - predicted) ** 2


@pytest.fixture(scope="module")
def mixed():
    """Numbers, nullable numbers, text, categories, truth values, dates; values missing."""
    rng = np.random.default_rng(0)
    n = 300
    table = pd.DataFrame(
        {
            "age": rng.integers(18, 90, n).astype(float),
            "size": pd.array(rng.integers(0, 5, n), dtype="Int64"),
            "city": rng.choice(["Paris", "Lyon", "Nice"], n, p=[0.6, 0.3, 0.1]),
            "level": pd.Categorical(
                rng.choice(["low", "high", "mid"], n), ["low", "mid", "high", "top"], ordered=True
            ),
            "member": rng.random(n) < 0.3,
            "since": pd.Timestamp("2015-03-01") + pd.to_timedelta(rng.integers(0, 3000, n), "D"),
        }
    )
    table.loc[rng.random(n) < 0.2, "age"] = np.nan
    table.loc[rng.random(n) < 0.1, "city"] = None
    table.loc[3, "size"] = pd.NA
    table.loc[5, "since"] = pd.NaT
    return table


# --- importance ----------------------------------------------------------------------------


def test_shuffling_costs_a_linear_model_what_the_closed_form_says():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(2000, 3)), columns=["a", "b", "none"])
    truth = 2 * table["a"] - table["b"] + rng.normal(0, 1, 2000)

    def predict(rows):
        return 2 * rows["a"] - rows["b"]

    found = figures.permutation_importance_of(predict, table, truth, squared, repeats=50)
    assert list(found["column"]) == ["a", "b", "none"]
    # E (w x - w x')^2 - E 0 = 2 w^2 var(x), of these rows.
    expected = [8 * table["a"].var(), 2 * table["b"].var(), 0.0]
    np.testing.assert_allclose(found["importance"], expected, rtol=0.03)
    assert found.attrs["baseline"] == pytest.approx(np.mean((truth - predict(table)) ** 2))
    assert (found["low"] <= found["importance"]).all()
    assert (found["high"] >= found["importance"]).all()
    assert tuple(found.iloc[2, 1:]) == (0.0, 0.0, 0.0)


def test_importances_agree_with_scikit_learn():
    from sklearn.inspection import permutation_importance
    from sklearn.linear_model import LinearRegression

    table = load_bundled("boston")
    price = table.pop("PRICE")
    model = LinearRegression().fit(table, price)
    theirs = permutation_importance(
        model, table, price, scoring="neg_root_mean_squared_error", n_repeats=40, random_state=0
    )
    ours = figures.permutation_importance_of(
        model.predict, table, price, squared, repeats=40, of_mean=np.sqrt
    ).set_index("column")["importance"]
    apart = abs(ours[table.columns] - theirs.importances_mean)
    assert (apart < 4 * theirs.importances_std / np.sqrt(20) + 1e-3).all()


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "repeats"), [(100, 20), (400, 5)])
def test_the_interval_covers_the_importance_in_other_rows(rows, repeats):
    rng = np.random.default_rng(0)
    inside = []
    for seed in range(300):
        table = pd.DataFrame(rng.normal(size=(rows, 2)), columns=["a", "b"])
        truth = table["a"] + table["b"] + rng.normal(0, 1, rows)
        found = figures.permutation_importance_of(
            lambda rows: rows["a"] + rows["b"],
            table,
            truth,
            squared,
            repeats=repeats,
            seed=seed,
            columns="a",
        )
        inside.append(found["low"][0] <= 2.0 <= found["high"][0])
    # 95 % less three deviations of a share of 300.
    assert np.mean(inside) > 0.91


def test_columns_are_shuffled_as_they_are_and_many_at_once(mixed, monkeypatch):
    calls = []

    def predict(rows):
        calls.append(len(rows))
        assert list(rows.dtypes) == list(mixed.dtypes)
        assert list(rows.columns) == list(mixed.columns)
        counted = rows["city"].value_counts() * 300 // len(rows)
        assert counted.to_dict() == mixed["city"].value_counts().to_dict()
        return rows["member"].to_numpy(float)

    reported = []
    truth = mixed["member"].to_numpy(float)
    found = figures.permutation_importance_of(
        predict, mixed, truth, squared, repeats=4, progress=lambda *at: reported.append(at)
    )
    assert calls == [300] + [1200] * 6
    assert reported == [(4 * (i + 1), 24) for i in range(6)]
    assert found["column"][0] == "member"
    monkeypatch.setattr(_frames, "ROWS_AT_ONCE", 700)
    again = figures.permutation_importance_of(predict, mixed, truth, squared, repeats=4)
    pd.testing.assert_frame_equal(found, again)


def test_a_column_is_shuffled_alike_whatever_others_are_asked(mixed):
    def predict(rows):
        return rows["size"].fillna(0).to_numpy(float)

    truth = predict(mixed)
    one = figures.permutation_importance_of(predict, mixed, truth, squared, columns=["size"])
    all_of_them = figures.permutation_importance_of(predict, mixed, truth, squared)
    assert all_of_them["importance"][0] == one["importance"][0]
    some = figures.permutation_importance_of(predict, mixed, truth, squared, rows=100)
    assert some["importance"][0] != one["importance"][0]


def test_labels_lists_and_polars_are_taken():
    table = pl.DataFrame({"a": [0, 1, 0, 1, 0, 1], "b": [1, 1, 1, 1, 1, 1]})
    truth = ["n", "y"] * 3
    found = figures.permutation_importance_of(
        lambda rows: np.where(rows["a"] == 1, "y", "n"), table, truth, lambda t, p: t != p
    )
    assert found["column"][0] == "a"
    assert found["importance"][0] > 0.2
    assert found.attrs["baseline"] == 0
    alone = figures.permutation_importance_of(
        lambda rows: rows["a"], pd.DataFrame({"a": [1.0]}), [1.0], squared
    )
    assert np.isnan(alone["low"][0])


def test_functions_and_columns_that_do_not_fit_are_refused(mixed):
    truth = np.zeros(300)

    def zeros(rows):
        return np.zeros(len(rows))

    importance = figures.permutation_importance_of
    with pytest.raises(TypeError, match=r"`predict` must be a function .* Pass the method itself"):
        importance("model", mixed, truth, squared)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`loss_per_row` must be a function of truth and"):
        importance(zeros, mixed, truth, "mse")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"`columns`: Unknown column: 'ages'. Did you mean 'age'"):
        importance(zeros, mixed, truth, squared, columns=["ages"])
    with pytest.raises(ValueError, match="`columns` is empty"):
        importance(zeros, mixed, truth, squared, columns=[])
    with pytest.raises(ValueError, match="`truth` must have an entry per row of `frame`, 300"):
        importance(zeros, mixed, truth[:5], squared)
    with pytest.raises(ValueError, match=r"it gave shape \(3,\) for 300 rows"):
        importance(lambda rows: np.zeros(3), mixed, truth, squared)
    with pytest.raises(ValueError, match=r"`loss_per_row` must give one number per row, shape"):
        importance(zeros, mixed, truth, lambda t, p: 0.5)
    with pytest.raises(ValueError, match="`repeats` must be at least 1"):
        importance(zeros, mixed, truth, squared, repeats=0)
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(ValueError, match="2 columns of the table are called 'a'"):
        importance(zeros, twice, [0.0], squared, columns=["a"])
    with pytest.raises(ValueError, match="`frame` has no columns"):
        importance(zeros, pd.DataFrame(index=[0]), [0.0], squared)


@pytest.mark.parametrize(("lang", "others"), [("en", "3 others"), ("fr", "3 autres")])
def test_the_most_important_columns_are_drawn_and_the_others_counted(lang, others):
    table = pd.DataFrame(
        {"column": list("abcde"), "importance": [1.0, 5.0, 2.0, 4.0, 0.0], "low": 0.0, "high": 6.0}
    )
    figure = figures.permutation_importance(table, most=2, metric="RMSE", lang=lang)
    found = numbers(figure)
    assert found["column"] == ["b", "d"]
    assert found["left_out"] == 3
    ax = figure.axes[0]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "d", others]
    assert "RMSE" in ax.get_xlabel()
    assert "5.00" in ax.texts[0].get_text().replace(",", ".")
    with pytest.raises(ValueError, match="low, high not found. Compute it with"):
        figures.permutation_importance(table[["column", "importance"]])
    with pytest.raises(TypeError, match="`importances` must be a pandas or polars DataFrame"):
        figures.permutation_importance([1.0])


# --- partial dependence --------------------------------------------------------------------


def test_dependence_of_numbers_is_that_of_scikit_learn():
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import partial_dependence

    table = load_bundled("boston")
    price = table.pop("PRICE")
    model = RandomForestRegressor(5, random_state=0).fit(table, price)
    found = figures.partial_dependence_of(model.predict, table, "RM", rows=1000, individual=7)
    theirs = partial_dependence(
        model, table, ["RM"], custom_values={"RM": found.grid}, method="brute"
    )
    np.testing.assert_allclose(found.means[0, :, 0], theirs["average"][0])
    assert found.individual.shape == (7, len(found.grid), 1)
    assert set(found.grid) <= set(table["RM"])
    np.testing.assert_allclose(
        found.deciles, np.quantile(table["RM"], np.linspace(0.1, 0.9, 9)), atol=0.02
    )


@given(st.sampled_from(["age", "size", "city", "level", "member", "since"]), st.integers(2, 9))
@settings(max_examples=12, deadline=None)
def test_every_type_is_set_to_values_that_occur(mixed, column, points):
    def predict(rows):
        assert list(rows.dtypes) == list(mixed.dtypes)
        assert rows[column].notna().all()
        return np.arange(len(rows)) * 0.0

    found = figures.partial_dependence_of(predict, mixed, column, points=points, rows=50)
    assert 1 <= len(found.grid) <= points
    assert (
        set(found.grid.tolist())
        <= set(np.asarray(mixed[column].dropna().astype(mixed[column].dtype)).tolist())
        or found.kind == "date"
    )
    assert list(found.grid) == sorted(found.grid) or found.kind == "category"
    figures.partial_dependence(found, lang="fr").draw_without_rendering()


def test_levels_are_the_most_frequent_or_in_their_order(mixed):
    def predict(rows):
        return rows["city"].map({"Paris": 3.0, "Lyon": 2.0}).astype(float).fillna(0).to_numpy()

    cities = figures.partial_dependence_of(predict, mixed, "city")
    assert list(cities.grid) == ["Paris", "Lyon", "Nice"]
    assert list(cities.counts) == mixed["city"].value_counts().tolist()
    np.testing.assert_allclose(cities.means[0, :, 0], [3, 2, 0])
    levels = figures.partial_dependence_of(predict, mixed, "level")
    assert list(levels.grid) == ["low", "mid", "high"]
    figure = figures.partial_dependence(cities)
    ticks = [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
    assert ticks[0] == f"Paris\n({cities.counts[0]})"


def test_the_band_is_students_over_networks(mixed):
    networks = [lambda rows, k=k: k * rows["age"].fillna(0).to_numpy() for k in (1.0, 1.1, 1.3)]
    reported = []
    found = figures.partial_dependence_of(
        networks, mixed, "age", points=5, progress=lambda *at: reported.append(at)
    )
    assert found.means.shape == (3, 5, 1)
    assert reported == [(5, 15), (10, 15), (15, 15)]
    drawn = numbers(figures.partial_dependence(found))
    expected = figures.mean_interval(found.means[:, 2, 0])
    assert (drawn["mean"][0, 2], drawn["low"][0, 2], drawn["high"][0, 2]) == expected


def test_dates_are_drawn_as_dates(mixed):
    found = figures.partial_dependence_of(
        lambda rows: rows["since"].dt.year.to_numpy(float), mixed, "since", points=6
    )
    assert found.kind == "date"
    assert found.grid.dtype == np.dtype("datetime64[ns]")
    figure = figures.partial_dependence(found)
    figure.draw_without_rendering()
    shown = [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
    assert set(shown) <= {str(year) for year in range(2014, 2025)}
    zoned = pd.DataFrame({"t": pd.date_range("2024-01-01", periods=9, tz="Europe/Paris")})
    again = figures.partial_dependence_of(lambda rows: np.zeros(len(rows)), zoned, "t")
    assert again.grid[0] == np.datetime64("2023-12-31T23:00")


def test_classes_have_a_line_each_and_of_two_the_second():
    table = load_bundled("iris")
    names = ["setosa", "versicolor", "virginica"]

    def three(rows):
        far = -((rows["petal length (cm)"].to_numpy()[:, None] - np.array([1.5, 4.3, 5.3])) ** 2)
        return np.exp(far) / np.exp(far).sum(axis=1, keepdims=True)

    found = figures.partial_dependence_of(three, table, "petal length (cm)")
    figure = figures.partial_dependence(found, classes=names)
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == names
    np.testing.assert_allclose(numbers(figure)["mean"].sum(axis=0), 1.0)
    two = figures.partial_dependence_of(
        lambda rows: three(rows)[:, 1:], table, "petal length (cm)", individual=3
    )
    second = figures.partial_dependence(two, classes=["b", "c"], lang="fr")
    assert numbers(second)["outputs"] == [1]
    assert second.axes[0].get_ylabel() == "probabilité de la classe c"
    many = figures.partial_dependence_of(
        lambda rows: np.outer(rows["petal length (cm)"], np.arange(8)), table, "petal length (cm)"
    )
    assert numbers(figures.partial_dependence(many))["outputs"] == [2, 3, 4, 5, 6, 7]


def test_dependences_that_cannot_be_computed_are_refused(mixed):
    def labels(rows):
        return np.full(len(rows), "a")

    dependence = figures.partial_dependence_of
    with pytest.raises(ValueError, match=r"`column`: Unknown column: 'town'"):
        dependence(len, mixed, "town")
    with pytest.raises(ValueError, match="`column`: 'x' has no value in any row"):
        dependence(len, pd.DataFrame({"x": [np.nan, np.inf]}), "x")
    with pytest.raises(TypeError, match=r"`predict` must give numbers; it gave dtype <U1\."):
        dependence(labels, mixed, "age")
    with pytest.raises(TypeError, match="`predict` must be a function of a DataFrame; received"):
        dependence([len, 3], mixed, "age")  # type: ignore[list-item]
    with pytest.raises(ValueError, match="the networks' outputs differ"):
        dependence(
            [lambda rows: np.zeros(len(rows)), lambda rows: np.zeros((len(rows), 2))], mixed, "age"
        )
    with pytest.raises(ValueError, match="`points` must be at least 2"):
        dependence(len, mixed, "age", points=1)
    found = dependence(lambda rows: np.zeros((len(rows), 3)), mixed, "age")
    with pytest.raises(ValueError, match="`classes` must be as many as the outputs, 3; received 2"):
        figures.partial_dependence(found, classes=["a", "b"])
    with pytest.raises(TypeError, match="`dependence` must come from partial_dependence_of"):
        figures.partial_dependence([1.0])  # type: ignore[arg-type]


# --- columns at a glance -------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "word"), [("en", "missing "), ("fr", "manque ")])
def test_every_column_has_its_picture_and_its_missing_share(mixed, lang, word):
    figure = figures.columns_at_a_glance(mixed, lang=lang)
    figure.draw_without_rendering()
    found = numbers(figure)
    assert found["kinds"] == {
        "age": "number",
        "size": "number",
        "city": "category",
        "level": "category",
        "member": "category",
        "since": "date",
    }
    assert found["missing"]["age"] == mixed["age"].isna().mean()
    assert [ax.get_title(loc="left") for ax in figure.axes] == list(mixed.columns)
    assert [ax.get_title(loc="right").startswith(word) for ax in figure.axes] == [
        bool(mixed[name].isna().any()) for name in mixed
    ]
    counts = [patch.get_height() for patch in figure.axes[0].patches]
    assert sum(counts) == mixed["age"].notna().sum()


def test_wide_tables_are_cut_with_a_note():
    wide = pd.DataFrame(np.arange(600.0).reshape(2, 300)).rename(columns=lambda i: f"c{i}")
    figure = figures.columns_at_a_glance(wide, most=5)
    assert len(figure.axes) == 5
    assert numbers(figure)["left_out"] == 295
    assert figure.get_supxlabel() == "5 of 300 columns are shown."
    chosen = figures.columns_at_a_glance(wide, columns=["c7", "c2"], lang="fr")
    assert [ax.get_title(loc="left") for ax in chosen.axes] == ["c7", "c2"]
    assert chosen.get_supxlabel() == ""


def test_odd_columns_are_said_in_words():
    table = pd.DataFrame(
        {
            "constant": np.full(20, 2.5),
            "empty": np.full(20, np.nan),
            "infinite": np.full(20, np.inf),
            "id": [f"k{i}" for i in range(20)],
            "far": [*range(19), 1e9],
            "one day": pd.Timestamp("2024-02-29"),
            "levels": list("aaaabbbcdefghijklmno"),
            "seven": [*"abcdefg", *"aaaaaaaaaaaaa"],
            "flags": pd.array([True, None] * 10, dtype="boolean"),
        }
    )
    figure = figures.columns_at_a_glance(table)
    figure.draw_without_rendering()
    words = [" ".join(text.get_text() for text in ax.texts) for ax in figure.axes]
    assert words[:4] == ["always 2.5", "no values", "no finite value", "all different,\nsuch as k0"]
    assert words[5] == "2024-02-29"
    assert figure.axes[6].get_yticklabels()[-1].get_text() == "9 others"
    assert [tick.get_text() for tick in figure.axes[7].get_yticklabels()] == list("abcdefg")
    french = figures.columns_at_a_glance(table, lang="fr")
    assert french.axes[0].texts[0].get_text() == "toujours 2,5"


def test_few_values_far_out_are_counted_not_drawn():
    values = np.append(np.random.default_rng(0).normal(size=999), 1e6)
    ax = figures.columns_at_a_glance(pd.DataFrame({"x": values})).axes[0]
    assert ax.get_xlim()[1] < 10
    assert ax.texts[0].get_text() == "1 far out"


def test_the_profile_of_a_run_makes_categories_of_numbers():
    profile = pd.DataFrame({"column": ["target"], "kind": ["category"]})
    figure = figures.columns_at_a_glance(load_bundled("iris"), profile=profile)
    assert numbers(figure)["kinds"]["target"] == "category"
    widths = [patch.get_width() for patch in figure.axes[-1].patches]
    assert widths == [50, 50, 50]


def test_tables_that_cannot_be_drawn_are_refused():
    with pytest.raises(TypeError, match="`frame` must be a pandas or polars DataFrame"):
        figures.columns_at_a_glance([1, 2])
    with pytest.raises(ValueError, match="`frame` has no columns"):
        figures.columns_at_a_glance(pd.DataFrame(index=[0, 1]))
    with pytest.raises(ValueError, match="`profile` must have the columns column, kind"):
        figures.columns_at_a_glance(pd.DataFrame({"a": [1]}), profile=pd.DataFrame({"x": [1]}))
    with pytest.raises(ValueError, match="`most` must be at least 1"):
        figures.columns_at_a_glance(pd.DataFrame({"a": [1]}), most=0)
