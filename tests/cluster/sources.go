// Package module carries the sources that `cluster build` compiles, so that one
// small binary can build a cluster wherever it is run, and so that the cache's
// key covers exactly what determines the content.
package module

import "embed"

// Sources is this module, reduced to its Kubernetes and pause programs.
//
//go:embed go.mod go.sum cmd/kubernetes cmd/pause
var Sources embed.FS
