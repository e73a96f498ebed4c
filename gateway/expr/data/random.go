//go:build ignore

package main

func randomExpressions(seed int64, count int) []string { return nil }
