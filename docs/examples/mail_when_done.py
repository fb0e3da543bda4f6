#!/usr/bin/env python3
"""Sends a mail when a task has ended: the program for the setting DONE_COMMAND."""
import json
import smtplib
import sys
from email.message import EmailMessage

SMTP_HOST, SMTP_PORT = 'localhost', 25
SENDER = 'autophon@lab.example.org'
DOMAIN = 'lab.example.org'  # users have the same names in the mail system

end = json.load(sys.stdin)['data']
mail = EmailMessage()
mail['From'] = SENDER
mail['To'] = f"{end['user']}@{DOMAIN}"
mail['Subject'] = f"{end['name'] or end['id']}: {end['status']}"
lines = [f"Your task {end['id']} is {end['status']}."]
if end['error_code']:
    lines.append(f"The reason is {end['error_code']}.")
if end['links']:
    lines.append(end['links']['page'])
mail.set_content('\n'.join(lines))
# With an error, the exit status is not 0, and the worker runs this again later.
with smtplib.SMTP(SMTP_HOST, SMTP_PORT, timeout=30) as smtp:
    smtp.send_message(mail)
