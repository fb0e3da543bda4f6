library(httr2)

api <- request("http://127.0.0.1:8017/api/v1")

# From recordings to a result. If the first answer is lost, the same request with the same key gives the same task.
task <- api |> req_url_path_append("tasks") |> req_headers("Idempotency-Key" = "talk-2026-03-03") |>
  req_body_json(list(lang = "engUS_SPHINX_v010")) |> req_perform() |> resp_body_json()
own <- api |> req_url_path_append("tasks", task$id)
for (name in c("talk.wav", "talk.TextGrid")) {
  own |> req_url_path_append("files", name) |> req_body_file(name) |> req_method("PUT") |> req_perform()
}
own |> req_url_path_append("queue") |> req_method("POST") |> req_perform()
while (!task$status %in% c("completed", "failed", "cancelled")) {
  Sys.sleep(1)
  task <- own |> req_perform() |> resp_body_json()
}
own |> req_url_path_append("result") |> req_perform(path = "result.zip")

# Whether the task has changed since it was read.
tag <- own |> req_perform() |> resp_header("ETag")
is_unchanged <- (own |> req_headers("If-None-Match" = tag) |> req_perform() |> resp_status()) == 304

# A TextGrid that was corrected is kept beside the result.
own |> req_url_path_append("corrections", "talk.TextGrid") |>
  req_body_file("talk.TextGrid") |> req_method("PUT") |> req_perform()
