import json, time, urllib.error, urllib.request

api = "http://127.0.0.1:8017/api/v1"

def ask(method, path, body=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items() if value}
    request = urllib.request.Request(api + path, body, named, method=method)
    try:
        return urllib.request.urlopen(request)
    except urllib.error.HTTPError as answer:
        if answer.code != 304:
            raise
        return answer

# From recordings to a result. If the first answer is lost, the same request with the same key gives the same task.
choices = json.dumps({"lang": "engUS_SPHINX_v010"}).encode()
task = json.load(ask("POST", "/tasks", choices, Content_Type="application/json", Idempotency_Key="talk-2026-03-02"))
for name in ["talk.wav", "talk.TextGrid"]:
    with open(name, "rb") as file:
        ask("PUT", f"/tasks/{task['id']}/files/{name}", file.read(), Content_Type="application/octet-stream")
ask("POST", f"/tasks/{task['id']}/queue")

# The task is read only if it has changed.
tag = None
while task["status"] not in ["completed", "failed", "cancelled"]:
    time.sleep(1)
    answer = ask("GET", f"/tasks/{task['id']}", If_None_Match=tag)
    if answer.status != 304:
        task, tag = json.load(answer), answer.headers["ETag"]
with open("result.zip", "wb") as file:
    file.write(ask("GET", f"/tasks/{task['id']}/result").read())

# A TextGrid that was corrected is kept beside the result.
with open("talk.TextGrid", "rb") as file:
    ask("PUT", f"/tasks/{task['id']}/corrections/talk.TextGrid", file.read())
