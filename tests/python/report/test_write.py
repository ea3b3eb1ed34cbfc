"""The page of a result in a real browser: what it holds, does, and keeps from doing."""

import pytest

from sce2tm import annotated, results, tl
from sce2tm.errors import InputError
from sce2tm.report import write_report

ROWS = "[...document.querySelectorAll('#topic-table tbody tr:not([hidden])')]"
TOPICS = f"{ROWS}.map(row => row.cells[0].textContent)"
EVIL = "<script>window.pwned = 1</script>"
EVIL_IMAGE = "\"><img src=x onerror='window.pwned=2'>&amp;"


@pytest.fixture(scope="module")
def report(toy_results, toy_sets, tmp_path_factory):
    """The page with all sections."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(
        annotated.read(toy_results),
        path,
        title="blood",
        gene_sets=toy_sets,
        label="cell_type",
        condition="condition",
        progress=False,
    )
    return path


def shown(page):
    """Names of the topics in the table, from top to bottom."""
    return page.evaluate(TOPICS)


def test_it_loads_without_errors_or_requests(report, page):
    page.open(report)
    assert page.errors == []
    assert page.requests == [report.as_uri()]
    broken = "[...document.images].filter(image => !image.naturalWidth).length"
    assert page.evaluate(broken) == 0
    assert page.evaluate("document.images.length") == 11


def test_it_holds_all_sections(report, page):
    page.open(report)
    titles = page.evaluate("[...document.querySelectorAll('h2')].map(title => title.textContent)")
    assert titles == ["Topics", "Genes", "Pathways", "Cells", "Quality", "Provenance"]
    links = "[...document.querySelectorAll('nav a')].map(a => !!document.querySelector(a.hash))"
    assert page.evaluate(links) == [True] * 6


def test_topics_have_their_genes_and_pathway(report, page, toy):
    page.open(report)
    rows = page.evaluate(f"{ROWS}.map(row => [...row.cells].map(c => c.innerText.trim()))")
    usage = results.proportions(toy).mean().to_dict()
    assert [row[0] for row in rows] == sorted(usage, key=usage.get, reverse=True)
    genes = tl.top_genes(toy, 10).groupby("topic")["gene"].agg(list)
    assert {row[0]: row[3].split() for row in rows} == genes.to_dict()
    assert {row[0]: row[5] for row in rows}["topic_1"] == "planted"


def test_typing_filters_rows_and_writes_the_address(report, page, toy):
    page.open(report)
    gene = tl.top_genes(toy, 1)["gene"].iloc[0]
    page.evaluate("document.getElementById('search').focus()")
    page.type(gene.lower())
    having = tl.top_genes(toy, 10).query("gene == @gene")["topic"]
    assert set(shown(page)) >= set(having)
    assert len(shown(page)) < 5
    assert page.evaluate("location.hash") == f"#q={gene.lower()}"
    count = page.evaluate("document.getElementById('topic-table-count').textContent")
    assert count == f"{len(shown(page))} of 5 rows found."
    assert page.errors == []


def test_the_address_holds_a_search(report, page):
    page.open(report, "#q=topic_2%20nothing")
    assert shown(page) == []
    page.open(report, "#q=topic_2")
    assert shown(page) == ["topic_2"]


def test_a_click_sorts(report, page):
    page.open(report)
    click = "document.querySelectorAll('#topic-table thead button')[{}].click()"
    state = "document.querySelectorAll('#topic-table thead th')[{}].getAttribute('aria-sort')"
    usage = f"{ROWS}.map(row => row.cells[1].textContent.trim())"
    by_usage = shown(page)
    page.evaluate(click.format(0))
    assert shown(page) == [f"topic_{k}" for k in range(1, 6)]
    assert [page.evaluate(state.format(column)) for column in (0, 1)] == ["ascending", None]
    page.evaluate(click.format(1))
    assert shown(page) == by_usage
    falling = page.evaluate(usage)
    page.evaluate(click.format(1))
    # topics whose shares look the same keep their order
    assert page.evaluate(usage) == falling[::-1]
    assert shown(page) != by_usage
    assert page.evaluate(state.format(1)) == "ascending"
    # topics without a pathway stay at the end, whatever the direction
    last = f"{ROWS}.map(row => row.cells[6].textContent.trim())"
    for _ in range(2):
        page.evaluate(click.format(6))
        values = page.evaluate(last)
        assert values == sorted(values, key=lambda text: text == "")


def test_numbers_sort_as_numbers(report, page):
    page.open(report)
    page.evaluate("""
        const rows = document.querySelectorAll('#topic-table tbody tr');
        ['1e-12', '', '2,000', '0.03', '7'].forEach((text, row) => {
          rows[row].cells[6].textContent = text;
        });
    """)
    page.evaluate("document.querySelectorAll('#topic-table thead button')[6].click()")
    values = page.evaluate(f"{ROWS}.map(row => row.cells[6].textContent)")
    assert values == ["2,000", "7", "0.03", "1e-12", ""]


def test_a_phone_scrolls_down_only(report, page):
    page.resize(390)
    page.open(report)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_it_is_accessible(report, page):
    page.open(report)
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("[...document.images].every(image => image.alt.length > 20)")
    headers = "[...document.querySelectorAll('th')].every(th => ['row', 'col'].includes(th.scope))"
    assert page.evaluate(headers)
    assert page.evaluate("document.querySelector('label').control.id") == "search"
    named = (
        "[...document.querySelectorAll('table')]"
        ".every(t => document.getElementById(t.getAttribute('aria-labelledby')).textContent)"
    )
    assert page.evaluate(named)
    ids = "[...document.querySelectorAll('[id]')].map(element => element.id)"
    assert len(set(page.evaluate(ids))) == len(page.evaluate(ids))


def test_the_policy_stops_what_it_should(report, page):
    page.open(report)
    policy = page.evaluate("document.querySelector('[http-equiv=Content-Security-Policy]').content")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page.forget()
    page.evaluate("""
        document.body.insertAdjacentHTML('beforeend',
          "<img src='https://example.org/a.png'><img src='data:,' onerror='window.pwned=1'>");
        const script = document.createElement('script');
        script.textContent = 'window.pwned = 2';
        document.body.append(script);
        fetch('https://example.org/').catch(() => { window.refused = true; });
    """)
    page.settle()
    assert page.evaluate("[window.pwned, window.refused]") == [None, True]
    assert page.requests == []
    assert len(page.errors) >= 3


def test_markup_in_names_stays_text(toy, page, tmp_path):
    toy.var_names = [EVIL, EVIL_IMAGE, "$x$", *toy.var_names[3:]]
    weights = toy.varm["sce2tm_topic_genes"]
    weights[:3] = 1.0  # top genes of all topics
    toy.uns["sce2tm"]["topic_names"] = [EVIL + str(k) for k in range(5)]
    toy.uns["sce2tm"]["params"][EVIL_IMAGE] = EVIL
    toy.obs[EVIL] = toy.obs["cell_type"].astype(str) + EVIL_IMAGE
    sets = {EVIL_IMAGE: list(toy.var_names[:20]), EVIL: list(toy.var_names[:16])}
    path = tmp_path / "evil.html"
    write_report(toy, path, title=EVIL, gene_sets=sets, label=EVIL, progress=False)
    page.open(path)
    assert page.evaluate("window.pwned") is None
    assert page.errors == []
    assert page.evaluate("document.scripts.length") == 1
    assert page.evaluate("[...document.images].every(image => image.src.startsWith('data:'))")
    assert page.evaluate("document.title") == f"Topics of {EVIL}"
    text = page.evaluate("document.getElementById('topic-table').textContent")
    for evil in (EVIL, EVIL_IMAGE, f"{EVIL}0"):
        # genes are split at blanks, each a piece of its own
        assert "".join(evil.split()) in "".join(text.split())


def test_sections_come_with_what_they_need(toy, page, tmp_path):
    before = toy.copy()
    write_report(toy, tmp_path / "small.html", progress=False)
    page.open(tmp_path / "small.html")
    ids = page.evaluate("[...document.querySelectorAll('section')].map(section => section.id)")
    assert ids == ["topics", "genes", "cells", "quality", "provenance"]
    heads = page.evaluate("[...document.querySelectorAll('#topic-table thead th')].length")
    assert heads == 4
    assert set(toy.obsm) == set(before.obsm)
    assert list(toy.obs) == list(before.obs)


def test_printed_it_has_all_rows_and_no_search(report, page):
    page.open(report)
    page.media("print")
    box = "document.querySelector('.scroll')"
    page.evaluate(f"{box}.classList.add('tall')")
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.evaluate(f"getComputedStyle({box}).maxHeight") == "none"
    page.media("screen")
    assert page.evaluate(f"getComputedStyle({box}).maxHeight") != "none"


def test_a_column_that_is_none_is_told_before_the_work(toy, tmp_path):
    with pytest.raises(InputError, match="no column"):
        write_report(toy, tmp_path / "report.html", condition="dose", progress=False)
    assert not list(tmp_path.iterdir())
