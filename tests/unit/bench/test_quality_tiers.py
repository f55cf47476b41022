"""What `make bench-quality` has learned is judged on others."""

from bench.quality.learned import halves


def test_what_is_learned_from_shares_no_company_and_no_sentence_with_what_is_judged():
    def resume(number, *companies, text):
        works = [{"compnay_name": company, "job_desc": text} for company in companies]
        return {"source_id": str(number), "works": works}

    resumes = [
        resume(number, f"company {number % 40}", text=f"a sentence that stands in posting {number}")
        for number in range(80)
    ]
    resumes += [resume(100 + n, f"company {n}", f"company {n + 1}", text=f"{n}") for n in range(30)]
    resumes += [resume(200 + n, f"company {n}", text="a sentence that everybody copies") for n in range(3)]
    by_id = {one["source_id"]: one for one in resumes}
    seen = set()
    for teachers, judged in halves(resumes):
        assert teachers
        assert judged
        told = [
            {work["compnay_name"] for one in part for work in by_id[one]["works"]}
            for part in (teachers, judged)
        ]
        assert told[0].isdisjoint(told[1])
        copied = {"200", "201", "202"}
        assert not (teachers & copied and judged & copied)
        seen |= judged
    # A resume of companies of both halves is judged nowhere.
    assert any(str(100 + n) not in seen for n in range(30))
