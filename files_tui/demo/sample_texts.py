"""Words that the sample files are made of."""

SUBJECTS = [
    ("refund for a double charge", "I see two charges of $49; the second one is on its way back to your card."),
    ("webhook signature mismatch", "The body must be verified before it is parsed: sign the raw bytes."),
    ("SSO login loop", "Your identity provider sends an expired assertion; please check its clock."),
    ("CSV export without headers", "Turn on *Include header row* under Settings → Exports, then run it again."),
    (
        "rate limit on the search API",
        "Back off for the seconds that `Retry-After` names; your plan allows 60 a minute.",
    ),
    ("lost two-factor device", "I can send a recovery code to the address on file once you confirm its last digits."),
    (
        "invoice with the wrong VAT number",
        "I have corrected the number and sent invoice 2048-B to your billing contact.",
    ),
    ("お支払い方法の変更", "設定の「お支払い」から新しいカードを登録できます。"),
    ("Umzug eines Kontos in die EU-Region", "Der Umzug dauert etwa zwanzig Minuten und ist danach endgültig."),
]
SENTENCES = [
    "Every change is reviewed by somebody who did not write it.",
    "The on-call engineer owns the incident until it is handed over in writing.",
    "Customers are told what happened within one working day.",
    "Backups are restored once a month, because a backup that was never restored is a hope.",
    "Numbers in a report name their source and the hour they were taken.",
    "If a dashboard needs an explanation, the dashboard is the bug.",
]
TOOLS = ["lookup_order", "search_docs", "create_ticket", "refund_payment"]
PYTHON = '''"""Scores answers against a rubric."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    name: str
    value: float


def grade(answer: str, wanted: list[str]) -> Score:
    """The share of wanted phrases that the answer contains."""
    found = sum(phrase.casefold() in answer.casefold() for phrase in wanted)
    return Score("recall", found / len(wanted) if wanted else 1.0)
'''
HANDBOOK = """# Handbook

*Who answers, and how.* See [the runbook](https://example.com/runbook) before you answer.

> A customer who has to ask twice has not been answered.

| Team    | Hours    | Channel | Answers in |
|---------|----------|---------|-----------:|
| Support | 8–20 UTC | `#help` |       2 h  |
| Billing | 9–17 UTC | `#bill` |      24 h  |

1. Look for the order:

   ```python
   order = orders.find(ticket.order_id)  # None where there is none
   ```

2. Say what you **did**, and what happens next.

"""
SQL = """SELECT date_trunc('week', created_at) AS week,
       count(*) FILTER (WHERE resolved_at IS NOT NULL) AS resolved,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY resolved_at - created_at) AS median_time
FROM tickets
WHERE created_at > now() - interval '90 days'
GROUP BY 1
ORDER BY 1;
"""
