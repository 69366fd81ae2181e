"""The quality gate: what a master is and how it sounds, judged before anything is encoded.

    heard = identify(master, listening).examination         # measured: facts.py
    findings = judge(heard.file, heard.sound, profile_of(kind), file_name=name)
    refused = refusal(findings)                             # BadInput, or None

Facts are stored by their `to_json` and read by `read_file_facts` and `read_sound_facts`, which
answer None where a master has to be heard again. To add a check: a row in checks.py, a look in
looks.py, a severity in profiles.py, two files in fixtures/gate.py.
"""
