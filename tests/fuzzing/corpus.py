"""Small good files of the formats that are text."""

PAGE = b"""<!doctype html><html><head><title>Walk</title><style>p{}</style></head><body><h1>Walk</h1>
<p>The <b>roof</b> leaks.<br>Again.</p><ul><li>one<li>two</ul><table><tr><td>a<td>b</table>
<blockquote>We need help.</blockquote><script>x()</script></body></html>"""
MAIL = b"""From: Tom Bauer <tom@harlow.gov>
To: Dana <dana@kva.com>
Date: Mon, 12 Oct 2026 10:00:00 +0000
Subject: =?utf-8?q?Pumps_=E2=80=93_again?=
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

The pumps trip every time it rains=2E

On Fri, 9 Oct 2026, Dana wrote:
> How are things?
--b
Content-Type: text/html; charset="utf-8"

<p>The pumps trip.</p>
--b--
"""
CAPTIONS = b"""WEBVTT

1
00:00:01.000 --> 00:00:04.000
<v Dana>Morning.</v>

2
00:00:05.000 --> 00:00:09.000
Tom: The pumps trip every time it rains.
"""
TABLE = b"""Account Name;Subject;Created Date;Full Comments
Harlow;Call;2026-10-12;"The pumps trip every time it rains.
They need somebody."
Marlow;Lunch;2026-10-13;The roof of the old depot leaks badly.
"""
CASE = b"""---
id: W-07
title: Pumps
practice: Water
client: Harlow
year: 2024
services: [pumps, alarms]
---
The town's pumps tripped each winter. We traced it to the float switches.
"""
CATALOGUE = b"""- {id: W-08, title: Roof, practice: Structures, client: Marlow, summary: "The roof is tight."}
- id: W-09
  title: Depot
  practice: Structures
  client: Marlow
  text: |
    Long story.
"""
RICH = rb"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\*\generator Riched20;}\viewkind4\uc1
\pard\f0\fs20 The roof \b leaks\b0  \'85 again.\par
\u8364? 40\tab for the pump\par {\field{\*\fldinst HYPERLINK "x"}{\fldrslt a link}}
}"""
