<?php
// The same as a CGI request of ours, with SQLite: an entry, a page of the feed, or a sign of life.
$what = getenv('PEER');
header('Content-Type: application/json; charset=utf-8');
if ($what === 'health') {
    echo json_encode(['status' => 'healthy', 'timestamp' => (int) (microtime(true) * 1000)]), "\n";
    exit;
}
$database = new SQLite3(getenv('DATABASE'));
$database->busyTimeout(10000);
$database->exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
if ($what === 'feed') {
    $query = $database->prepare('SELECT id, caption, imageUrl, createdAt FROM entries WHERE category = ? ORDER BY number DESC LIMIT ?');
    $query->bindValue(1, $_GET['category']);
    $query->bindValue(2, (int) $_GET['limit'], SQLITE3_INTEGER);
    $rows = $query->execute();
    $entries = [];
    while ($row = $rows->fetchArray(SQLITE3_ASSOC)) $entries[] = $row + ['artist' => 'Anonymous Artist'];
    echo json_encode(['entries' => $entries]), "\n";
    exit;
}
$now = (int) (microtime(true) * 1000);
$id = $now . '-' . bin2hex(random_bytes(3));
$database->exec('BEGIN IMMEDIATE');
$insert = $database->prepare('INSERT INTO entries(id, category, caption, name, phone, createdAt, submissionId) VALUES (?, ?, ?, ?, ?, ?, ?)');
foreach ([$id, $_POST['category'], $_POST['caption'], $_POST['name'], $_POST['phone'], $now, 'sub-' . $id] as $place => $value) {
    $insert->bindValue($place + 1, $value);
}
$insert->execute();
$database->exec('COMMIT');
$query = $database->prepare('SELECT * FROM entries WHERE id = ?');
$query->bindValue(1, $id);
echo json_encode(['success' => true, 'entry' => $query->execute()->fetchArray(SQLITE3_ASSOC)]), "\n";
