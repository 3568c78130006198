package trace

import (
	"bufio"
	"errors"
)

// errLineTooLong is a line above the limit. The next one can be read.
var errLineTooLong = errors.New("the line is too long")

// lineReader reads lines of bounded length.
type lineReader struct {
	r      *bufio.Reader
	buf    []byte // a line that is longer than the buffer of r
	number int    // of the line last read, from 1
	err    error  // what comes after that line
}

// next is the next line without its line feed, valid until the call after. A last
// line without a line feed counts; io.EOF comes when there is none.
func (l *lineReader) next(limit int) ([]byte, error) {
	if l.err != nil {
		return nil, l.err
	}
	l.number++
	l.buf = l.buf[:0]
	tooLong := false
	for {
		part, err := l.r.ReadSlice('\n')
		if err == nil {
			part = part[:len(part)-1]
		}
		tooLong = tooLong || len(l.buf)+len(part) > limit
		switch {
		case err == nil && len(l.buf) == 0 && !tooLong:
			return part, nil // the usual case: nothing to put together
		case !tooLong:
			l.buf = append(l.buf, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		l.err = err
		switch {
		case tooLong:
			return nil, errLineTooLong
		case err != nil && len(l.buf) == 0:
			l.number--
			return nil, err
		}
		return l.buf, nil
	}
}
