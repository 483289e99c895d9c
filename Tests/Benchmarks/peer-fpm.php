<?php
// The contest's entry and feed as an application in PHP with SQLite has them, behind PHP-FPM.
header('Content-Type: application/json; charset=utf-8');
$home = $_SERVER['PEER_HOME'];
$database = new SQLite3("$home/database");
$database->busyTimeout(10000);
$database->exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    $rows = $database->query('SELECT id, caption, imageUrl, createdAt FROM entries ORDER BY number DESC');
    $entries = [];
    while ($row = $rows->fetchArray(SQLITE3_ASSOC)) $entries[] = $row + ['artist' => 'Anonymous Artist'];
    echo json_encode(['feed' => ['best' => $entries]]), "\n";
    exit;
}
$now = (int) (microtime(true) * 1000);
$id = $now . '-' . bin2hex(random_bytes(3));
$url = null;
if (isset($_FILES['photo'])) {
    $received = $_FILES['photo']['tmp_name'];
    if (getimagesize($received) === false) {
        http_response_code(415);
        exit;
    }
    move_uploaded_file($received, "$home/uploads/$id.jpg");
    $file = fopen("$home/uploads/$id.jpg", 'r+');
    fsync($file);
    fclose($file);
    $url = "/uploads/$id.jpg";
}
if ($_POST['category'] !== 'best') {
    http_response_code(400);
    exit;
}
$insert = $database->prepare('INSERT INTO entries(id, category, caption, name, phone, imageUrl, createdAt, submissionId)'
    . ' VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
foreach ([$id, 'best', $_POST['caption'], $_POST['name'], $_POST['phone'], $url, $now, "sub-$id"] as $place => $value) {
    $insert->bindValue($place + 1, $value);
}
$insert->execute();
echo json_encode(['success' => true, 'entry' => ['id' => $id, 'category' => 'best', 'caption' => $_POST['caption'],
    'name' => $_POST['name'], 'phone' => $_POST['phone'], 'imageUrl' => $url, 'createdAt' => $now]]), "\n";
