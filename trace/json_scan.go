package trace

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// The functions below take JSON apart that json.Valid has accepted, without
// building values: a reader of a trace knows what to expect at each key.

// members calls do for each member of an object, in order.
func members(object []byte, do func(key string, value []byte) error) error {
	if object[0] != '{' {
		return errors.New("not an object")
	}
	i := skipSpace(object, 1)
	for object[i] != '}' {
		end := valueEnd(object, i)
		key, err := stringOf(object[i:end])
		if err != nil {
			return err
		}
		i = skipSpace(object, skipSpace(object, end)+1) // past the colon
		end = valueEnd(object, i)
		if err := do(key, object[i:end]); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		i = skipComma(object, end)
	}
	return nil
}

// elements calls do for each element of an array, in order.
func elements(array []byte, do func(value []byte) error) error {
	if array[0] != '[' {
		return fmt.Errorf("%.40s is not an array", array)
	}
	i := skipSpace(array, 1)
	for array[i] != ']' {
		end := valueEnd(array, i)
		if err := do(array[i:end]); err != nil {
			return err
		}
		i = skipComma(array, end)
	}
	return nil
}

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n' {
		i++
	}
	return i
}

// skipComma goes from the end of a value to the next, or to the closing bracket.
func skipComma(b []byte, i int) int {
	i = skipSpace(b, i)
	if b[i] == ',' {
		i = skipSpace(b, i+1)
	}
	return i
}

// valueEnd is the end of the value that begins at b[i].
func valueEnd(b []byte, i int) int {
	depth := 0
	for {
		switch b[i] {
		case '"':
			i = stringEnd(b, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			i++
		default:
			i = wordEnd(b, i)
		}
		if depth == 0 {
			return i
		}
	}
}

// stringEnd is the end of the string that begins at b[i].
func stringEnd(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// wordEnd is the end of the number, boolean or null that begins at b[i].
func wordEnd(b []byte, i int) int {
	for i < len(b) && b[i] > ' ' && b[i] != ',' && b[i] != ']' && b[i] != '}' {
		i++
	}
	return i
}

// stringOf is the string that a value stands for.
func stringOf(value []byte) (string, error) {
	if value[0] != '"' {
		return "", fmt.Errorf("%.40s is not a string", value)
	}
	if inner := value[1 : len(value)-1]; isPlain(inner) {
		return string(inner), nil
	}
	var s string
	err := json.Unmarshal(value, &s)
	return s, err
}

func isPlain(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf || !plainASCII[c] {
			return false
		}
	}
	return true
}

// integerOf is the integer of at most so many bits that a value stands for.
func integerOf(value []byte, bits int) (int64, error) {
	i, err := strconv.ParseInt(string(value), 10, bits)
	if err != nil {
		return 0, fmt.Errorf("%.40s is not an integer of %d bits", value, bits)
	}
	return i, nil
}

// countOf is the number from 0 that a value stands for.
func countOf(value []byte) (uint64, error) {
	n, err := strconv.ParseUint(string(value), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%.40s is not a number from 0", value)
	}
	return n, nil
}

func booleanOf(value []byte) (bool, error) {
	switch string(value) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%.40s is not true or false", value)
}
