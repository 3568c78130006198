package netfile

import (
	"strings"
)

// dotKind is what a token of DOT is.
type dotKind uint8

const (
	dotEnd  dotKind = iota
	dotID           // a name, number, "text" or <html>
	dotWord         // a keyword, in lower case
	dotEdge         // -- or ->
	dotMark         // one of { } [ ] ; , = :
	dotBad          // after a problem: nothing more is read
)

type dotToken struct {
	kind dotKind
	text string
	line int
}

func (t dotToken) is(mark string) bool { return t.kind == dotMark && t.text == mark }

// dotLexer cuts DOT into tokens.
type dotLexer struct {
	b     *builder
	text  string
	pos   int
	line  int
	ahead *dotToken
}

var dotWords = []string{"strict", "graph", "digraph", "node", "edge", "subgraph"}

// peek is the next token, which stays.
func (l *dotLexer) peek() dotToken {
	if l.ahead == nil {
		t := l.scan()
		l.ahead = &t
	}
	return *l.ahead
}

// next takes a token.
func (l *dotLexer) next() dotToken {
	t := l.peek()
	l.ahead = nil
	return t
}

// bad is a problem after which nothing more is read.
func (l *dotLexer) bad(line int, what string) dotToken {
	l.b.stop(line, "syntax: %s", what)
	return dotToken{kind: dotBad, line: line}
}

func (l *dotLexer) scan() dotToken {
	if problem := l.space(); problem != "" {
		return l.bad(l.line, problem)
	}
	if l.pos >= len(l.text) {
		return dotToken{kind: dotEnd, line: l.line}
	}
	rest, start := l.text[l.pos:], l.pos
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "->"):
		l.pos += 2
		return dotToken{dotEdge, rest[:2], l.line}
	case strings.IndexByte("{}[];,=:", c) >= 0:
		l.pos++
		return dotToken{dotMark, rest[:1], l.line}
	case c == '"':
		return l.quoted()
	case c == '<':
		return l.html()
	case isDotNumeral(c):
		for l.pos++; l.pos < len(l.text) && (isDigit(l.text[l.pos]) || l.text[l.pos] == '.'); {
			l.pos++
		}
		if number := l.text[start:l.pos]; strings.Trim(number, "-.") == "" || strings.Count(number, ".") > 1 {
			return l.bad(l.line, shorten(number)+" is no number")
		}
		if l.pos < len(l.text) && isDotLetter(l.text[l.pos]) { // Graphviz takes two tokens, and warns
			for l.pos < len(l.text) && (isDotLetter(l.text[l.pos]) || isDotNumeral(l.text[l.pos])) {
				l.pos++
			}
			text := shorten(l.text[start:l.pos])
			return l.bad(l.line, text+" is a number that goes on as a name; needed: quotes, as in \""+text+"\"")
		}
		return dotToken{dotID, l.text[start:l.pos], l.line}
	case isDotLetter(c):
		for l.pos < len(l.text) && (isDotLetter(l.text[l.pos]) || isDigit(l.text[l.pos])) {
			l.pos++
		}
		return word(l.text[start:l.pos], l.line)
	}
	return l.bad(l.line, "an unexpected character "+shorten(string([]rune(rest[:min(len(rest), 4)])[:1])))
}

func isDigit(c byte) bool      { return '0' <= c && c <= '9' }
func isDotNumeral(c byte) bool { return isDigit(c) || c == '.' || c == '-' }
func isDotLetter(c byte) bool  { return c == '_' || c >= 0x80 || 'a' <= c|0x20 && c|0x20 <= 'z' }

// word is a keyword, whatever its case, or a name.
func word(text string, line int) dotToken {
	const longest = len("subgraph")
	if len(text) <= longest {
		lower := strings.ToLower(text)
		for _, w := range dotWords {
			if w == lower {
				return dotToken{dotWord, w, line}
			}
		}
	}
	return dotToken{dotID, text, line}
}

// space passes over white space, comments and lines of a preprocessor.
func (l *dotLexer) space() (problem string) {
	for l.pos < len(l.text) {
		rest := l.text[l.pos:]
		switch c := rest[0]; {
		case c == '\n':
			l.line++
			l.pos++
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v':
			l.pos++
		case c == '#' && (l.pos == 0 || l.text[l.pos-1] == '\n'), strings.HasPrefix(rest, "//"):
			l.pos += lengthOfLine(rest)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return "a comment does not end"
			}
			l.line += strings.Count(rest[:end+4], "\n")
			l.pos += end + 4
		default:
			return ""
		}
	}
	return ""
}

var unescape = strings.NewReplacer(`\\`, `\\`, `\"`, `"`, "\\\r\n", "", "\\\n", "")

// labelText is what the escapes of a label stand for; \N, the id, is left.
var labelText = strings.NewReplacer(`\\`, `\`, `\n`, " ", `\l`, " ", `\r`, " ")

// quoted reads a text, and those that + joins to it. Only \" is an escape here;
// a backslash at the end of a line joins the lines.
func (l *dotLexer) quoted() dotToken {
	line := l.line
	var text strings.Builder
	for {
		end := l.pos + 1
		for end < len(l.text) && l.text[end] != '"' {
			if l.text[end] == '\\' && end+1 < len(l.text) {
				end++
			}
			end++
		}
		if end >= len(l.text) {
			return l.bad(line, "a text does not end")
		}
		part := l.text[l.pos+1 : end]
		l.line += strings.Count(part, "\n")
		l.pos = end + 1
		text.WriteString(unescape.Replace(part))
		pos, at := l.pos, l.line
		if problem := l.space(); problem != "" {
			return l.bad(l.line, problem)
		}
		if l.pos < len(l.text) && l.text[l.pos] == '+' {
			l.pos++
			if problem := l.space(); problem != "" {
				return l.bad(l.line, problem)
			}
			if l.pos < len(l.text) && l.text[l.pos] == '"' {
				continue
			}
			return l.bad(l.line, "a text is expected after +")
		}
		l.pos, l.line = pos, at
		return dotToken{dotID, text.String(), line}
	}
}

// html reads <…>, in which brackets are balanced.
func (l *dotLexer) html() dotToken {
	line, start := l.line, l.pos
	for depth := 0; l.pos < len(l.text); {
		switch l.text[l.pos] {
		case '<':
			depth++
		case '>':
			depth--
		case '\n':
			l.line++
		}
		l.pos++
		if depth == 0 {
			return dotToken{dotID, l.text[start:l.pos], line}
		}
	}
	return l.bad(line, "a text in < > does not end")
}
