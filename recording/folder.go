package recording

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"

	"golang.org/x/sys/unix"
)

// file is an open recording.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// disk is what recording needs of a file system; tests put one in between that fails, stalls or forgets. Names have forward slashes and are
// below the recordings folder.
type disk interface {
	create(name string) (file, error)          // with its folders; a file that is there already is an error
	open(name string) (file, int64, error)     // to read and write, with its size
	replace(name string, content []byte) error // all or nothing, durable on return, with its folders
	tree() (fs.FS, error)                      // everything that there is, to read
	free() (bytes uint64, err error)           // room left; an error when the folder cannot be used
}

// folder is the real disk. os.Root keeps every name, and every link, below it.
type folder struct {
	dir  string
	once func() (*os.Root, error)
}

func newFolder(dir string) *folder {
	return &folder{dir: dir, once: sync.OnceValues(func() (*os.Root, error) {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, err
		}
		return os.OpenRoot(dir)
	})}
}

func (d *folder) create(name string) (file, error) {
	root, err := d.once()
	if err != nil {
		return nil, err
	}
	if err := root.MkdirAll(path.Dir(name), 0o750); err != nil {
		return nil, err
	}
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d *folder) open(name string) (file, int64, error) {
	f, err := d.openFile(name, os.O_RDWR)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func (d *folder) openFile(name string, flag int) (*os.File, error) {
	root, err := d.once()
	if err != nil {
		return nil, err
	}
	return root.OpenFile(name, flag, 0)
}

// replace writes beside the file, syncs, renames and syncs the folder, which also makes new recordings in it durable.
func (d *folder) replace(name string, content []byte) error {
	root, err := d.once()
	if err != nil {
		return err
	}
	if err := root.MkdirAll(path.Dir(name), 0o750); err != nil {
		return err
	}
	beside := name + ".new"
	f, err := root.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := root.Rename(beside, name); err != nil {
		return err
	}
	parent, err := root.Open(path.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(parent.Sync(), parent.Close())
}

func (d *folder) tree() (fs.FS, error) {
	root, err := d.once()
	if err != nil {
		return nil, err
	}
	return root.FS(), nil
}

func (d *folder) free() (uint64, error) {
	if _, err := d.once(); err != nil {
		return 0, err
	}
	var s unix.Statfs_t
	if err := unix.Statfs(d.dir, &s); err != nil {
		return 0, fmt.Errorf("ask for free space: %w", err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}

func isClosed(err error) bool { return errors.Is(err, os.ErrClosed) }

// safeName says whether an id can name a file: letters, digits, '-', '_' and '.', not '.' first, 1 to 128 of them.
func safeName(id string) bool {
	if id == "" || len(id) > 128 || id[0] == '.' {
		return false
	}
	for _, c := range []byte(id) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		digit := c >= '0' && c <= '9'
		if !letter && !digit && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
