from django.db import models

class Task(models.Model):
    id = models.BigAutoField(primary_key=True)
    task_id = models.TextField(null=True)
    user_uuid = models.TextField()
    lang = models.TextField(null=True)
    engine = models.TextField(null=True)
    task_status = models.TextField(null=True)
    priority = models.IntegerField(null=True)
    task_path = models.TextField(null=True)
    cancel_requested = models.BooleanField(null=True)
    status_note = models.TextField(null=True)
    partial_results = models.TextField(null=True)
    speakers = models.TextField(null=True)
    channels = models.TextField(null=True)
    formats = models.TextField(null=True)
    columns = models.TextField(null=True)
    name = models.TextField(null=True)
    stage = models.TextField(null=True)
    progress = models.FloatField(null=True)
    download_path = models.TextField(null=True)
    download_name = models.TextField(null=True)
    error_code = models.TextField(null=True)
    error_message = models.TextField(null=True)
    warnings = models.JSONField(null=True)
    words = models.IntegerField(null=True)
    missing_words = models.IntegerField(null=True)
    audio_seconds = models.FloatField(null=True)
    size_bytes = models.BigIntegerField(null=True)
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = 'tasks'
