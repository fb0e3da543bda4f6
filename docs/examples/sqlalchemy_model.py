from sqlalchemy import BigInteger, Boolean, Column, DateTime, FetchedValue, Float, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import declarative_base

Base = declarative_base()

def filled(column_type):
    """A column that the database or a worker fills: read again after each write."""
    return Column(column_type, server_default=FetchedValue(), server_onupdate=FetchedValue())

class Task(Base):
    __tablename__ = 'tasks'
    __mapper_args__ = {'eager_defaults': True}

    id = Column(BigInteger, primary_key=True)
    task_id = filled(Text)
    user_uuid = Column(Text, nullable=False)
    lang = Column(Text)
    engine = filled(Text)
    task_status = filled(Text)
    priority = filled(Integer)
    task_path = Column(Text)
    cancel_requested = filled(Boolean)
    status_note = Column(Text)
    partial_results = Column(Text)
    speakers = filled(Text)
    channels = Column(Text)
    formats = Column(Text)
    columns = Column(Text)
    not_before = Column(DateTime(timezone=True))
    name = Column(Text)
    notify_url = Column(Text)
    stage = filled(Text)
    progress = filled(Float)
    download_path = filled(Text)
    download_name = filled(Text)
    error_code = filled(Text)
    error_message = filled(Text)
    warnings = filled(JSONB)
    words = filled(Integer)
    missing_words = filled(Integer)
    audio_seconds = filled(Float)
    size_bytes = filled(BigInteger)
    queued_at = filled(DateTime(timezone=True))
    started_at = filled(DateTime(timezone=True))
    finished_at = filled(DateTime(timezone=True))
    created_at = filled(DateTime(timezone=True))
    updated_at = filled(DateTime(timezone=True))
