//go:build ignore

// Writes what upstream's own code says of texts in each string format that Kubernetes 1.36 enforces, which a unit test
// compares with what we say: the texts of the other formats_*.go files, and others that are made of them at random.
// The answers are those of k8s.io/kube-openapi's strfmt at the version that Kubernetes requires and of Go's net/url,
// net/mail and unicode tables, so of Go's release too (1.26, as Kubernetes 1.36 is built with).
//
// Run in a module that requires k8s.io/kubernetes v1.36.3 (seed, random texts per format, file):
//
//	cd tests/cluster && go run ../../gateway/schema/data/formats*.go 1 200 ../../gateway/schema/tests/structural/formats.json
package main

import (
	"bytes"
	"encoding/json"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"

	"k8s.io/kube-openapi/pkg/validation/strfmt"
)

// answers holds the texts of one format, sorted.
type answers struct {
	Valid   []string `json:"valid"`
	Invalid []string `json:"invalid"`
}

// longest keeps random texts, and so the file, small.
const longest = 48

// strange characters mean something in one format or another, or look like one that does.
const strange = " \t\n\r\v\x00\x7f%@:/?#[]()<>\"\\'.,;-_+*=~!$&|^`{}09azAZtTzZxX\u00b5\u03bc\u00e9\u0130\u0131\u017f\u212a\u0660\uff11\u4e2d\u2603\U0001F600\ufeff\u00a0\u2028\u0301"

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// mutated is a text with one or two changes: a character or a piece removed, repeated, moved, or put in.
func mutated(random *rand.Rand, text string, own []rune) string {
	characters := []rune(text)
	for range 1 + random.Intn(2) {
		at := random.Intn(len(characters) + 1)
		end := min(len(characters), at+1+random.Intn(3))
		piece := slices.Clone(characters[at:end])
		switch random.Intn(8) {
		case 0:
			characters = slices.Delete(characters, at, end)
		case 1:
			characters = slices.Insert(characters, at, piece...)
		case 2:
			characters = slices.Delete(characters, at, end)
			characters = slices.Insert(characters, random.Intn(len(characters)+1), piece...)
		case 3:
			characters = slices.Insert(characters, at, []rune(strange)[random.Intn(len([]rune(strange)))])
		case 4:
			characters = slices.Concat(characters, characters[:at])
		default:
			other := own[random.Intn(len(own))]
			if at < len(characters) && random.Intn(2) == 0 {
				characters[at] = other
			} else {
				characters = slices.Insert(characters, at, other)
			}
		}
	}
	return string(characters[:min(len(characters), longest)])
}

func judged(name string, texts []string) answers {
	slices.Sort(texts)
	out := answers{Valid: []string{}, Invalid: []string{}}
	for _, text := range slices.Compact(texts) {
		if strfmt.Default.Validates(name, text) {
			out.Valid = append(out.Valid, text)
		} else {
			out.Invalid = append(out.Invalid, text)
		}
	}
	return out
}

func main() {
	seed, err := strconv.ParseInt(os.Args[1], 10, 64)
	must(err)
	count, err := strconv.Atoi(os.Args[2])
	must(err)
	random := rand.New(rand.NewSource(seed))

	table := map[string]answers{}
	names := []string{}
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !strfmt.Default.ContainsName(name) {
			panic(name + " is no format")
		}
		seeds := texts[name]
		all := slices.Concat(seeds, everywhere)
		own := []rune(strings.Join(seeds, ""))
		for range count {
			all = append(all, mutated(random, seeds[random.Intn(len(seeds))], own))
		}
		table[name] = judged(name, all)
	}

	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	must(encoder.Encode(table))
	must(os.WriteFile(os.Args[3], out.Bytes(), 0o644))
}
