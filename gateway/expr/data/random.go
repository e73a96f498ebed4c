//go:build ignore

package main

import (
	"fmt"
	"math/rand"
	"strings"
)

// A generator of expressions that are mostly well typed. Maps are iterated only if they have one entry: upstream's
// order of more is random.
type generator struct {
	*rand.Rand
	locals []local
}

type local struct{ name, of string }

func randomExpressions(seed int64, count int) []string {
	g := &generator{Rand: rand.New(rand.NewSource(seed))}
	seen, out := map[string]bool{}, []string{}
	for len(out) < count {
		g.locals = nil
		expression := g.expression(g.of(), 1+g.Intn(4))
		if len(expression) <= 180 && !seen[expression] {
			seen[expression] = true
			out = append(out, expression)
		}
	}
	return out
}

func (g *generator) pick(from ...string) string { return from[g.Intn(len(from))] }

func (g *generator) of() string {
	return g.pick("int", "int", "double", "uint", "bool", "bool", "string", "string", "bytes", "list int", "list string", "list dyn",
		"map", "duration", "timestamp", "optional int", "optional string", "dyn", "dyn", "quantity", "type")
}

// expression is one of a type, as far as depth lasts.
func (g *generator) expression(of string, depth int) string {
	if g.Intn(100) < 4 {
		of = g.of()
	}
	for _, one := range g.locals {
		if one.of == of && g.Intn(3) == 0 {
			return one.name
		}
	}
	if depth <= 0 {
		return g.leaf(of)
	}
	if g.Intn(12) == 0 {
		return fmt.Sprintf("(%s ? %s : %s)", g.expression("bool", depth-1), g.expression(of, depth-1), g.expression(of, depth-1))
	}
	return g.inner(of, depth-1)
}

func (g *generator) leaf(of string) string {
	switch of {
	case "int":
		return g.pick("0", "1", "-1", "2", "3", "7", "9223372036854775807", "-9223372036854775808", "object.spec.replicas", "item.id", "events[1].count", "100")
	case "uint":
		return g.pick("0u", "1u", "2u", "7u", "18446744073709551615u")
	case "double":
		return g.pick("0.0", "1.0", "-1.5", "2.5", "1e10", "1e-7", "object.spec.ratio", "object.spec.whole", "3.0")
	case "bool":
		return g.pick("true", "false", "object.status.ready", "item.done", "has(object.missing)", "has(item.tags)")
	case "string":
		return g.pick("''", "'a'", "'b'", "'abc'", "'héllo'", "'1'", "'2.5'", "'true'", "' x '", "'a,b,c'", "object.metadata.name", "object.spec.text", "item.title", "'1h'", "'10m'", "'A'")
	case "bytes":
		return g.pick("b''", "b'a'", "b'abc'", "b'\\xff'", "bytes('é')")
	case "list int":
		return g.pick("[]", "[1]", "[1, 2, 3]", "[3, 1, 2, 3]", "object.spec.ints", "lists.range(4)")
	case "list string":
		return g.pick("['a']", "['b', 'a']", "['a', 'b', 'a']", "object.spec.strings", "item.tags", "'a,b,c'.split(',')")
	case "list dyn":
		return g.pick("events", "object.spec.mixed", "object.spec.nested", "object.spec.containers", "[dyn(1), dyn('a')]", "object.spec.none")
	case "map":
		return g.pick("{'a': 1}", "object.spec.map", "{'one': 1, 'two': 2}", "{}")
	case "duration":
		return g.pick("duration('1h')", "duration('90s')", "duration('-1.5s')", "duration('0')")
	case "timestamp":
		return g.pick("timestamp('2026-01-02T03:04:05Z')", "request.time", "timestamp(object.metadata.creationTimestamp)", "timestamp('2026-01-02T03:04:05.5+02:00')", "timestamp(0)")
	case "optional int":
		return g.pick("optional.of(1)", "optional.none()", "object.spec.?replicas", "[1, 2][?1]", "{'a': 1}.?a", "object.spec.map[?'one']")
	case "optional string":
		return g.pick("optional.of('a')", "object.metadata.?name", "object.?missing.name", "object.metadata.labels[?'app']", "item.?title")
	case "quantity":
		return g.pick("quantity('1')", "quantity('1Gi')", "quantity('500m')", "quantity('1.5')", "quantity('2k')")
	case "type":
		return g.pick("int", "string", "type(1)", "type(object)", "list", "type([])")
	}
	return g.pick("object.missing", "object.spec.replicas", "object.metadata.labels", "null", "dyn(1)", "dyn('a')", "item", "events[0]", "object.metadata.finalizers", "object.spec.nested[0]", "item.null", "object.spec.ratio")
}

func (g *generator) call(format string, depth int, types ...string) string {
	arguments := make([]any, len(types))
	for index, of := range types {
		arguments[index] = g.expression(of, depth)
	}
	return fmt.Sprintf(format, arguments...)
}

// loop is a macro over a list with a body of a type.
func (g *generator) loop(macro, list, element, body string, depth int) string {
	name := string("xyzw"[g.Intn(4)])
	over := g.expression(list, depth)
	g.locals = append(g.locals, local{name, element})
	inner := g.expression(body, depth)
	g.locals = g.locals[:len(g.locals)-1]
	return fmt.Sprintf("%s.%s(%s, %s)", over, macro, name, inner)
}

func (g *generator) loop2(macro, list, element, body string, depth int) string {
	over := g.expression(list, depth)
	g.locals = append(g.locals, local{"i", "int"}, local{"v", element})
	inner := g.expression(body, depth)
	g.locals = g.locals[:len(g.locals)-2]
	return fmt.Sprintf("%s.%s(i, v, %s)", over, macro, inner)
}

func (g *generator) inner(of string, d int) string {
	operator := func(operators ...string) string { return "(%s " + g.pick(operators...) + " %s)" }
	choices := map[string][]func() string{
		"int": {
			func() string { return g.call(operator("+", "-", "*", "/", "%%"), d, "int", "int") },
			func() string { return g.call("size(%s)", d, g.pick("string", "list int", "map", "bytes")) },
			func() string { return g.call("int(%s)", d, g.pick("double", "uint", "string", "timestamp", "duration")) },
			func() string { return g.call("%s.indexOf(%s)", d, "string", "string") },
			func() string { return g.call("%s.lastIndexOf(%s)", d, "list int", "int") },
			func() string { return g.call("%s.lastIndexOf(%s, %s)", d, "string", "string", "int") },
			func() string { return g.call("%s[%s]", d, "list int", "int") },
			func() string { return g.call("%s."+g.pick("sum", "min", "max")+"()", d, "list int") },
			func() string { return g.call("%s."+g.pick("getHours", "getMinutes", "getSeconds", "getMilliseconds")+"()", d, g.pick("duration", "timestamp")) },
			func() string { return g.call("%s."+g.pick("getDayOfYear", "getFullYear", "getDayOfWeek", "getDate", "getMonth")+"()", d, "timestamp") },
			func() string { return g.call("%s.orValue(%s)", d, "optional int", "int") },
			func() string { return g.call("-(%s)", d, "int") },
			func() string { return g.call("%s.compareTo(%s)", d, "quantity", "quantity") },
			func() string { return g.call("%s["+g.pick("'a'", "'one'", "'nope'")+"]", d, "map") },
		},
		"uint":   {func() string { return g.call(operator("+", "-", "*", "/", "%%"), d, "uint", "uint") }, func() string { return g.call("uint(%s)", d, g.pick("int", "double", "string")) }},
		"double": {func() string { return g.call(operator("+", "-", "*", "/"), d, "double", "double") }, func() string { return g.call("double(%s)", d, g.pick("int", "uint", "string")) }, func() string { return g.call("%s.asApproximateFloat()", d, "quantity") }},
		"bool": {
			func() string { return g.call(operator("&&", "||"), d, "bool", "bool") },
			func() string { return g.call(operator("&&", "||"), d, "bool", "bool") },
			func() string { of := g.of(); return g.call(operator("==", "!="), d, of, of) },
			func() string { return g.call(operator("==", "!="), d, "dyn", g.of()) },
			func() string { of := g.pick("int", "double", "string", "uint", "duration", "timestamp", "bytes", "bool"); return g.call(operator("<", "<=", ">", ">="), d, of, of) },
			func() string { return g.call(operator("<", ">="), d, g.pick("int", "double", "uint"), g.pick("int", "double", "uint", "dyn")) },
			func() string { return g.call("!%s", d, "bool") },
			func() string { return g.call("(%s in %s)", d, "int", "list int") },
			func() string { return g.call("(%s in %s)", d, g.pick("string", "dyn"), g.pick("map", "list string")) },
			func() string { return g.call("%s."+g.pick("contains", "startsWith", "endsWith")+"(%s)", d, "string", "string") },
			func() string { return g.call("%s.matches("+g.pick("'^a'", "'[0-9]+'", "'b$'", "'l*o'")+")", d, "string") },
			func() string { return g.loop(g.pick("all", "exists", "exists_one"), "list int", "int", "bool", d) },
			func() string { return g.loop(g.pick("all", "exists"), "list string", "string", "bool", d) },
			func() string { return g.loop2(g.pick("all", "exists", "existsOne"), "list int", "int", "bool", d) },
			func() string { return g.call("%s.hasValue()", d, g.pick("optional int", "optional string")) },
			func() string { return g.call("%s.isSorted()", d, "list int") },
			func() string { return g.call("sets."+g.pick("contains", "equivalent", "intersects")+"(%s, %s)", d, "list int", "list int") },
			func() string { return g.call("%s."+g.pick("isGreaterThan", "isLessThan")+"(%s)", d, "quantity", "quantity") },
			func() string { return g.call("isQuantity(%s)", d, "string") },
			func() string { return g.call("bool(%s)", d, "string") },
		},
		"string": {
			func() string { return g.call("(%s + %s)", d, "string", "string") },
			func() string { return g.call("string(%s)", d, g.pick("int", "uint", "double", "bool", "duration", "timestamp", "bytes")) },
			func() string { return g.call("%s.substring(%s)", d, "string", "int") },
			func() string { return g.call("%s.substring(%s, %s)", d, "string", "int", "int") },
			func() string { return g.call("%s.charAt(%s)", d, "string", "int") },
			func() string { return g.call("%s."+g.pick("lowerAscii", "upperAscii", "trim")+"()", d, "string") },
			func() string { return g.call("%s.replace(%s, %s)", d, "string", "string", "string") },
			func() string { return g.call("%s.replace(%s, %s, %s)", d, "string", "string", "string", "int") },
			func() string { return g.call("%s.join(%s)", d, "list string", "string") },
			func() string { return g.call("%s[%s]", d, "list string", "int") },
			func() string { return g.call("%s.orValue(%s)", d, "optional string", "string") },
			func() string { return g.call("%s.find("+g.pick("'[a-z]+'", "'l'", "'[0-9]'", "'^'")+")", d, "string") },
			func() string { return g.call("'%%s-%%d'.format([%s, %s])", d, g.of(), "int") },
			func() string { return g.call("'%%s'.format([%s])", d, g.of()) },
			func() string { return g.call("'%%.2f %%x'.format([%s, %s])", d, "double", "int") },
			func() string { return g.call("strings.quote(%s)", d, "string") },
		},
		"bytes":    {func() string { return g.call("(%s + %s)", d, "bytes", "bytes") }, func() string { return g.call("bytes(%s)", d, "string") }},
		"duration": {func() string { return g.call(operator("+", "-"), d, "duration", "duration") }, func() string { return g.call("(%s - %s)", d, "timestamp", "timestamp") }, func() string { return g.call("duration(%s)", d, "string") }},
		"timestamp": {func() string { return g.call(operator("+", "-"), d, "timestamp", "duration") }, func() string { return g.call("timestamp(%s)", d, g.pick("int", "string")) }},
		"list int": {
			func() string { return g.call("[%s, %s]", d, "int", "int") },
			func() string { return g.call("(%s + %s)", d, "list int", "list int") },
			func() string { return g.loop("map", "list int", "int", "int", d) },
			func() string { return g.loop("map", "list string", "string", "int", d) },
			func() string { return g.loop("filter", "list int", "int", "bool", d) },
			func() string { return g.loop("sortBy", "list int", "int", "int", d) },
			func() string { return g.loop2("transformList", "list int", "int", "int", d) },
			func() string { return g.call("%s."+g.pick("sort", "distinct", "reverse")+"()", d, "list int") },
			func() string { return g.call("%s.slice(%s, %s)", d, "list int", "int", "int") },
			func() string { return g.call("[%s, %s].flatten()", d, "list int", "list int") },
			func() string { return g.call("[?%s, %s]", d, "optional int", "int") },
			func() string { return g.call("[%s, %s].unwrapOpt()", d, "optional int", "optional int") },
		},
		"list string": {
			func() string { return g.call("%s.split(%s)", d, "string", "string") },
			func() string { return g.call("%s.split(%s, %s)", d, "string", "string", "int") },
			func() string { return g.loop("map", "list int", "int", "string", d) },
			func() string { return g.loop("filter", "list string", "string", "bool", d) },
			func() string { return g.call("%s."+g.pick("sort", "distinct", "reverse")+"()", d, "list string") },
			func() string { return g.call("%s.findAll("+g.pick("'[a-z]'", "'l+'", "''", "'x*'")+")", d, "string") },
			func() string { return g.loop2("transformList", "list string", "string", "string", d) },
		},
		"list dyn": {
			func() string { return g.loop("map", "list dyn", "dyn", "dyn", d) },
			func() string { return g.loop("filter", "list dyn", "dyn", "bool", d) },
			func() string { return g.call("%s."+g.pick("distinct", "reverse", "flatten")+"()", d, "list dyn") },
			func() string { return g.call("(%s + %s)", d, "list dyn", g.pick("list dyn", "list int")) },
			func() string { return g.call("[%s]", d, g.of()) },
		},
		"map": {
			func() string { return g.call("{'a': %s, 'b': %s}", d, "int", "int") },
			func() string { return g.call("{?'a': %s, 'b': %s}", d, "optional int", "int") },
			func() string { return g.loop2("transformMap", "list int", "int", "int", d) },
			func() string { return g.call("{%s: %s}", d, "string", "int") },
		},
		"optional int": {
			func() string { return g.call("optional."+g.pick("of", "ofNonZeroValue")+"(%s)", d, "int") },
			func() string { return g.call("%s.or(%s)", d, "optional int", "optional int") },
			func() string { return g.call("%s[?%s]", d, "list int", "int") },
			func() string { return g.call("%s."+g.pick("first", "last")+"()", d, "list int") },
			func() string { return g.loop("optMap", "optional int", "int", "int", d) },
			func() string { return g.loop("optFlatMap", "optional int", "int", "optional int", d) },
			func() string { return g.call("%s.?"+g.pick("a", "one", "zz"), d, g.pick("map", "dyn")) },
		},
		"optional string": {
			func() string { return g.call("optional.ofNonZeroValue(%s)", d, "string") },
			func() string { return g.loop("optMap", "optional string", "string", "string", d) },
			func() string { return g.call("%s."+g.pick("first", "last")+"()", d, "list string") },
		},
		"dyn": {
			func() string { return g.call("dyn(%s)", d, g.of()) },
			func() string { return g.call("%s."+g.pick("a", "name", "spec", "count", "one"), d, g.pick("dyn", "map")) },
			func() string { return g.call("%s[%s]", d, g.pick("dyn", "list dyn", "map"), g.pick("int", "string", "dyn")) },
			func() string { return g.call("(%s "+g.pick("+", "-", "*", "==", "<")+" %s)", d, "dyn", g.of()) },
			func() string { return g.call("%s."+g.pick("size", "sum", "max", "sort", "reverse", "isSorted", "distinct", "trim", "value", "getHours", "first")+"()", d, "dyn") },
		},
		"quantity": {
			func() string { return g.call("%s."+g.pick("add", "sub")+"(%s)", d, "quantity", g.pick("quantity", "int")) },
			func() string { return g.call("quantity(%s)", d, "string") },
		},
		"type": {func() string { return g.call("type(%s)", d, g.of()) }},
	}
	from := choices[of]
	text := from[g.Intn(len(from))]()
	return strings.ReplaceAll(text, "%%", "%")
}
