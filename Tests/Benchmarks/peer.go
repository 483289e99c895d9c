// The contest's entry and feed as an application in Go with SQLite has them, by FastCGI.
package main

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg"
	"io"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

var home = os.Args[1]

type entry struct {
	ID        string  `json:"id"`
	Caption   string  `json:"caption"`
	ImageURL  *string `json:"imageUrl"`
	CreatedAt int64   `json:"createdAt"`
}

// Keeps a photo as it is; it is on the device when this returns.
func keep(request *http.Request, id string) (*string, error) {
	file, _, err := request.FormFile("photo")
	if err == http.ErrMissingFile {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, _, err := image.DecodeConfig(file); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	kept, err := os.Create(home + "/uploads/" + id + ".jpg")
	if err != nil {
		return nil, err
	}
	defer kept.Close()
	if _, err := io.Copy(kept, file); err != nil {
		return nil, err
	}
	url := "/uploads/" + id + ".jpg"
	return &url, kept.Sync()
}

func main() {
	database, err := sql.Open("sqlite3", home+"/database?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=10000")
	if err != nil {
		panic(err)
	}
	database.SetMaxOpenConns(4)
	insert, err := database.Prepare("INSERT INTO entries(id, category, caption, name, phone, imageUrl, createdAt, submissionId)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/api/submit", func(writer http.ResponseWriter, request *http.Request) {
		now := time.Now().UnixMilli()
		chance := make([]byte, 3)
		rand.Read(chance)
		id := fmt.Sprintf("%d-%x", now, chance)
		if err := request.ParseMultipartForm(1 << 20); err != nil || request.FormValue("category") != "best" {
			http.Error(writer, "bad form", http.StatusBadRequest)
			return
		}
		url, err := keep(request, id)
		if err == nil {
			_, err = insert.Exec(id, "best", request.FormValue("caption"), request.FormValue("name"),
				request.FormValue("phone"), url, now, "sub-"+id)
		}
		if err != nil {
			http.Error(writer, err.Error(), http.StatusInternalServerError)
			return
		}
		writer.Header().Set("Content-Type", "application/json")
		json.NewEncoder(writer).Encode(map[string]any{"success": true, "entry": entry{id, request.FormValue("caption"), url, now}})
	})
	http.HandleFunc("/api/feed", func(writer http.ResponseWriter, _ *http.Request) {
		rows, err := database.Query("SELECT id, caption, imageUrl, createdAt FROM entries ORDER BY number DESC")
		if err != nil {
			http.Error(writer, err.Error(), http.StatusInternalServerError)
			return
		}
		defer rows.Close()
		var entries []entry
		for rows.Next() {
			var one entry
			rows.Scan(&one.ID, &one.Caption, &one.ImageURL, &one.CreatedAt)
			entries = append(entries, one)
		}
		writer.Header().Set("Content-Type", "application/json")
		json.NewEncoder(writer).Encode(map[string]any{"feed": map[string]any{"best": entries}})
	})
	listener, err := net.Listen("unix", home+"/go.sock")
	if err != nil {
		panic(err)
	}
	panic(fcgi.Serve(listener, nil))
}
