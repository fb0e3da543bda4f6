import os
import select

import psycopg2

connection = psycopg2.connect(os.environ['DATABASE_URL'])
connection.autocommit = True
cursor = connection.cursor()
cursor.execute('LISTEN autophon_task_ended')

def wait_for(task_id):
    """Returns status, error code and result path when the task has ended; None when its row is gone."""
    while True:
        cursor.execute('SELECT task_status, error_code, download_path FROM tasks WHERE task_id = %s', (task_id,))
        row = cursor.fetchone()
        if row is None or row[0] not in ('uploading', 'uploaded', 'processing'):
            return row
        # Any notification ends the wait; a minute does too, in case one was lost.
        select.select([connection], [], [], 60)
        connection.poll()
        connection.notifies.clear()

print(wait_for('interview-7'))
