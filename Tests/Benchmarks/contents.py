"""What a site holds before it is measured: the same entries in our data file and in a peer's database."""

import json
import sqlite3

ENTRIES = 1000


def entry(number):
    moment = 1795600000000 + number
    return {"id": f"{moment}-a{number:05d}", "category": "best", "caption": f"A tattoo with a story, number {number}",
            "name": f"Person {number}", "phone": f"555-{number:04d}", "imageUrl": None, "storageMethod": "none",
            "createdAt": moment, "submissionId": f"sub-{moment}-a{number:05d}"}


def make_data_file(path):
    entries = [entry(number) for number in reversed(range(ENTRIES))]
    path.write_text(json.dumps({"submissions": {"best": entries}, "winners": {}}))


def make_database(path):
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE entries(number INTEGER PRIMARY KEY, id TEXT UNIQUE, category TEXT, caption TEXT, name TEXT,"
                     " phone TEXT, imageUrl TEXT, createdAt INTEGER, submissionId TEXT UNIQUE)")
    database.execute("CREATE INDEX category ON entries(category, number)")
    database.executemany("INSERT INTO entries(id, category, caption, name, phone, createdAt, submissionId) VALUES"
                         " (:id, :category, :caption, :name, :phone, :createdAt, :submissionId)",
                         [entry(number) for number in range(ENTRIES)])
    database.commit()
    database.close()
