"""Every page that a person or a customer can get to: what the gallery pictures and axe looks at.

Name, who looks (None: a customer), address; {…} is filled by gallery_places. Pages that are only read come first, so
that none depends on another.
"""

# The pictures of the README: make screenshots README=1 takes these, and docs/screenshots/ holds no others.
IN_README = (
    "queue-en-desktop-light",
    "case-resolve-en-desktop-light",
    "board-zh-desktop-dark",
    "status-zh-phone-light",
    "queue-en-phone-dark",
    "case-resolve-zh-phone-light",
)

# Answered with another status than 200.
STATUS = {"new-no-site": 404, "not-found": 404, "status-not-found": 404, "forbidden": 403, "broken-address": 400}

PAGES = [
    # Signing in
    ("sign-in", None, "/account/login/"),
    ("password-forgotten", None, "/account/password/reset/"),
    ("password-sent", None, "/account/password/reset/done/"),
    ("password-new", None, "{new_password}"),
    ("password-link-old", None, "/account/password/reset/key/1-old/"),
    ("password-changed", None, "/account/password/reset/key/done/"),
    ("account-closed", None, "/account/inactive/"),
    ("password-change", "handler", "/account/password/change/"),
    ("sign-out", "handler", "/account/logout/"),
    # The queue, and many at once
    ("queue", "supervisor", "/queue/?view=team"),
    ("queue-mine", "handler", "/queue/?view=mine"),
    ("queue-empty", "auditor", "/queue/?view=mine"),
    ("search", "supervisor", "/queue/?view=all&q=加油"),
    ("search-nothing", "supervisor", "/queue/?view=all&q=zeppelin&severity=danger"),
    ("saved-view", "supervisor", "/queue/views/{saved_view}/"),
    ("bulk", "supervisor", "/bulk/"),
    ("bulk-none", "handler", "/bulk/"),
    ("bulk-ask", "supervisor", "/bulk/{bulk_asked}/"),
    ("bulk-result", "supervisor", "/bulk/{bulk}/"),
    # The complaint
    ("log", "frontline", "/complaints/new/"),
    ("case-verify", "frontline", "/complaints/{received}/"),
    ("case-assign", "supervisor", "/complaints/{verified}/"),
    ("case-resolve", "handler", "/complaints/{assigned}/"),
    ("case-options", "handler", "/complaints/{offered}/"),
    ("case-approve", "director", "/complaints/{approval}/"),
    ("case-feedback", "supervisor", "/complaints/{resolved}/"),
    ("case-archive", "supervisor", "/complaints/{feedback}/"),
    ("case-archived", "supervisor", "/complaints/{archived}/"),
    ("case-read-only", "auditor", "/complaints/{assigned}/"),
    ("history", "supervisor", "/complaints/{assigned}/history/"),
    ("print", "supervisor", "/complaints/{assigned}/print/"),
    ("evidence", "handler", "/complaints/{assigned}/evidence/"),
    ("step-resolve", "handler", "/complaints/{assigned}/step/resolve/"),
    ("step-reassign", "supervisor", "/complaints/{assigned}/step/reassign/"),
    ("step-close-early", "supervisor", "/complaints/{assigned}/step/close_early/"),
    ("step-rework", "supervisor", "/complaints/{feedback}/step/rework/"),
    ("step-reopen", "supervisor", "/complaints/{archived}/step/reopen/"),
    ("severity", "supervisor", "/complaints/{assigned}/severity/"),
    ("facts", "handler", "/complaints/{assigned}/facts/"),
    ("propose-invalid", "handler", "/complaints/{assigned}/propose-invalid/"),
    # Appeals
    ("queue-appeals", "reviewer", "/queue/?view=appeals"),
    ("case-appealed", "reviewer", "/complaints/{appealed}/"),
    ("case-upheld", "supervisor", "/complaints/{upheld}/"),
    ("appeal-take", "director", "/complaints/{appealable}/appeal/"),
    ("appeal-decide", "reviewer", "/complaints/{reviewed}/appeal/decide/"),
    ("print-appeal", "auditor", "/complaints/{rejected}/print/"),
    # Promises, escalations, calls
    ("promise-make", "handler", "/complaints/{assigned}/promises/"),
    ("promise-keep", "supervisor", "/promises/{promise}/keep/"),
    ("promise-move", "supervisor", "/promises/{promise}/move/"),
    ("promise-withdraw", "supervisor", "/promises/{promise}/withdraw/"),
    ("escalate", "handler", "/complaints/{assigned}/escalate/"),
    ("sign", "supervisor", "/escalations/{escalation}/sign/"),
    ("change-person", "supervisor", "/escalations/{escalation}/person/"),
    ("change-place", "supervisor", "/escalations/{escalation}/place/"),
    ("change-time", "supervisor", "/escalations/{escalation}/time/"),
    ("callbacks", "supervisor", "/callbacks/"),
    ("callbacks-none", "frontline", "/callbacks/"),
    ("posters", "supervisor", "/posters/"),
    ("posters-made", "supervisor", "/posters/{poster_run}/"),
    ("letters", "supervisor", "/letters/"),
    ("letters-none", "song.jia", "/letters/"),
    ("callback", "supervisor", "/callbacks/{callback}/"),
    ("board", "supervisor", "/board/"),
    ("wall", "supervisor", "/board/wall/"),
    ("undelivered", "supervisor", "/notices/"),
    # The person
    ("notifications", "supervisor", "/notifications/"),
    ("preferences", "handler", "/preferences/"),
    ("absences", "handler", "/preferences/absences/"),
    ("team-absences", "supervisor", "/absences/"),
    ("person-absences", "supervisor", "/absences/{person}/"),
    ("admin", "admin", "/admin/"),
    # The customer
    ("new", None, "/new/"),
    ("new-site", None, "/new/{site_code}/"),
    ("new-no-site", None, "/new/22222222/"),
    ("thanks", None, "{link_received}thanks/"),
    ("find", None, "/c/"),
    ("find-sent", None, "/c/sent/"),
    ("status", None, "{link_assigned}"),
    ("status-received", None, "{link_received}"),
    ("status-confirm", None, "{link_unconfirmed}"),
    ("status-choose", None, "{link_offered}"),
    ("status-resolved", None, "{link_resolved}"),
    ("status-answered", None, "{link_feedback}"),
    ("status-archived", None, "{link_reopen}"),
    ("status-duplicate", None, "{link_duplicate}"),
    ("decide-hours", None, "{link_assigned}decide/hours/"),
    ("decide-language", None, "{link_assigned}decide/language/"),
    ("decide-supervisor", None, "{link_assigned}decide/supervisor/"),
    ("decide-take-back", None, "{link_received}decide/take-back/"),
    ("decide-stop", None, "{link_offered}decide/stop/"),
    ("representatives", None, "{link_assigned}others/"),
    ("copy", None, "{link_assigned}copy/"),
    ("done-stop", None, "{link_offered}done/stop/"),
    ("appeal", None, "{link_appealable}appeal/"),
    ("appeal-over", None, "{link_unappealable}appeal/"),
    ("status-appealed", None, "{link_appealed}"),
    ("status-appeal-reviewed", None, "{link_reviewed}"),
    ("status-appeal-upheld", None, "{link_upheld}"),
    ("status-appeal-rejected", None, "{link_rejected}"),
    ("done-appeal", None, "{link_appealed}done/appeal/"),
    ("done-reply", None, "{link_assigned}done/reply/"),
    ("done-confirm", None, "{link_unconfirmed}done/confirm/"),
    ("done-choose", None, "{link_offered}done/choose/"),
    ("done-rate", None, "{link_feedback}done/rate/"),
    ("done-reopen", None, "{link_received}done/reopen/"),
    # What cannot be shown
    ("not-found", "handler", "/complaints/C-1999-000001/"),
    ("status-not-found", None, "/c/" + 43 * "x" + "/"),
    ("forbidden", "handler", "/board/"),
    ("broken-address", "handler", "/queue/?q=%FF"),
]

FIRST_ROW = "tr.case-row input[name=row] >> nth=0"
SHEET, SAVED = "summary:has(use[href$='#sliders'])", "summary:has(use[href$='#bookmark'])"
SEND = "main .btn-primary"

# What is opened on a page, or comes back refused: name, who looks, address, then what is done: a selector is
# pressed, "key:…" typed, "fill:SELECTOR=TEXT" filled in (hidden fields too), "cookie:NAME=VALUE" set and the
# page loaded again, "see:…" waited for.
OPENED = [
    ("queue-sheet", "supervisor", "/queue/?view=team", [SHEET]),
    ("queue-many", "supervisor", "/queue/?view=team", [FIRST_ROW, "tr.case-row input >> nth=1"]),
    ("queue-bulk-over", "supervisor", "/queue/?view=team", ["cookie:bulk_runs={bulk}", "see:#bulk-over a"]),
    ("saved-views", "supervisor", "/queue/?view=team", [SAVED]),
    ("palette", "supervisor", "/queue/?view=team", ["key:Control+k"]),
    ("keys", "supervisor", "/queue/?view=team", ["key:?"]),
    ("bell", "supervisor", "/queue/?view=team", ["#bell > summary", "see:.bell-head"]),
    ("account", "supervisor", "/queue/?view=team", [".topbar .menu:has(.who) > summary"]),
    ("case-more", "supervisor", "/complaints/{assigned}/", [".case-head summary"]),
    ("offer", "handler", "/complaints/{offered}/", ["#options summary:last-of-type"]),
    (
        "log-known",
        "frontline",
        "/complaints/new/",
        ["fill:#id_narrative={known_words}", "fill:#id_phone={known_phone}", "see:[formaction*='/same/']"],
    ),
    ("new-danger", None, "/new/{site_code}/", ["label:has([value=yes])"]),
    # Refused
    ("new-refused", None, "/new/{site_code}/", [SEND, "see:.error-summary"]),
    ("log-refused", "frontline", "/complaints/new/", [".log-actions button", "see:.error-summary"]),
    ("step-refused", "handler", "/complaints/{assigned}/", ["#next .btn-primary", "see:.error-summary"]),
    (
        "changed-meanwhile",
        "handler",
        "/complaints/{assigned}/",
        [
            "fill:#resolve_version={version_before}",
            "fill:#resolve_finding_1=Seal worn out",
            "#next .btn-primary",
            "see:.both",
        ],
    ),
    ("promise-refused", "handler", "/complaints/{assigned}/promises/", [SEND, "see:.error-summary"]),
    ("callback-refused", "supervisor", "/callbacks/{callback}/", ["[value=reached]", "see:.error-summary"]),
    ("sign-in-refused", None, "/account/login/", [SEND, "see:.field-error"]),
    (
        "find-refused",
        None,
        "/c/",
        ["fill:#find-reference={resolved}", "fill:#find-digits=00", SEND, "see:.error-summary"],
    ),
    ("reply-refused", None, "{link_assigned}", ["#say [type=submit]", "see:.error-summary"]),
    ("appeal-refused", None, "{link_appealable}appeal/", [SEND, "see:.error-summary"]),
    ("appeal-decide-refused", "reviewer", "/complaints/{reviewed}/appeal/decide/", [SEND, "see:.error-summary"]),
    ("rate-refused", None, "{link_resolved}", ["form[action$='/rate/'] [type=submit]", "see:.error-summary"]),
    (
        "form-lost",
        None,
        "{link_assigned}",
        [
            "fill:#say [name=csrfmiddlewaretoken]=",
            "fill:#reply-body=I come by on Tuesday, with the receipt and the empty bottle.",
            "#say [type=submit]",
            "see:#kept-1",
        ],
    ),
]
