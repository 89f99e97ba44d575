package blameindex

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age" // file encryption by people who do cryptography

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// sealer encrypts the text of decisions. The key file holds age identities as
// age-keygen writes them, newest first: the first encrypts, all decrypt, so a
// key is rotated by putting a new one on top and indexing again.
type sealer struct {
	file       string
	name       string // public part of the newest key
	recipient  age.Recipient
	identities []age.Identity
}

// sealedPrefix tells an encrypted document from a plain one.
var sealedPrefix = []byte("age-encryption.org/v1\n")

// CheckKeyFile says what is wrong with a key file; an empty name is none and
// right.
func CheckKeyFile(file string) error {
	if file == "" {
		return nil
	}
	_, err := newSealer(file)
	return err
}

func newSealer(file string) (*sealer, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", file, err)
	}
	ids, err := age.ParseIdentities(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("key file %s holds no usable age identity (make one with age-keygen): %w: %w", file, err, evidence.ErrInvalid)
	}
	first, ok := ids[0].(*age.X25519Identity)
	if !ok {
		return nil, fmt.Errorf("key file %s: the first identity cannot be used to encrypt; put one made with age-keygen on top: %w", file, evidence.ErrInvalid)
	}
	return &sealer{file: file, name: first.Recipient().String(), recipient: first.Recipient(), identities: ids}, nil
}

// close encrypts a document.
func (s *sealer) close(plain []byte) ([]byte, error) {
	if s == nil {
		return plain, nil
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, s.recipient)
	if err != nil {
		return nil, fmt.Errorf("encrypt a decision: %w", err)
	}
	if _, err = w.Write(plain); err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("encrypt a decision: %w", err)
	}
	return b.Bytes(), nil
}

// open decrypts a document, or returns one that was never encrypted.
func (s *sealer) open(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, sealedPrefix) {
		return data, nil
	}
	if s == nil {
		return nil, fmt.Errorf("the text of decisions in this index is encrypted and no key file is configured; give the one it was indexed with by --key-file: %w", evidence.ErrInvalid)
	}
	r, err := age.Decrypt(bytes.NewReader(data), s.identities...)
	if err != nil {
		return nil, fmt.Errorf("none of the keys in %s opens the decisions of this index: %w: %w", s.file, err, evidence.ErrInvalid)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("decrypt a decision: %w: %w", err, evidence.ErrInvalid)
	}
	return plain, nil
}

// current reports whether a document was encrypted with the newest key.
func (s *sealer) current(data []byte) bool {
	if !bytes.HasPrefix(data, sealedPrefix) {
		return false
	}
	_, err := age.Decrypt(bytes.NewReader(data), s.identities[0])
	return err == nil
}
