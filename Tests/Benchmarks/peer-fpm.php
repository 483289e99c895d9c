<?php
// The contest's entry and feed as an application in PHP with SQLite has them, behind PHP-FPM.
header('Content-Type: application/json; charset=utf-8');
$home = $_SERVER['PEER_HOME'];
// Kept open by each process: closing the last connection would write the whole WAL back each time.
$database = new PDO("sqlite:$home/database", null, null, [PDO::ATTR_PERSISTENT => true, PDO::ATTR_TIMEOUT => 10]);
$database->exec('PRAGMA synchronous=FULL');
if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    $rows = $database->query('SELECT id, caption, imageUrl, createdAt FROM entries ORDER BY number DESC');
    $entries = [];
    while ($row = $rows->fetch(PDO::FETCH_ASSOC)) $entries[] = $row + ['artist' => 'Anonymous Artist'];
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
$insert->execute([$id, 'best', $_POST['caption'], $_POST['name'], $_POST['phone'], $url, $now, "sub-$id"]);
echo json_encode(['success' => true, 'entry' => ['id' => $id, 'category' => 'best', 'caption' => $_POST['caption'],
    'name' => $_POST['name'], 'phone' => $_POST['phone'], 'imageUrl' => $url, 'createdAt' => $now]]), "\n";
