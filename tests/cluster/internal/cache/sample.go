package cache

import (
	"path/filepath"
	"strings"
)

// SampleVersion is of sample-apiserver, which benchmarks compare with.
const SampleVersion = "0.36.3"

const sampleFlags = "-trimpath -buildvcs=false"

// makeSample installs sample-apiserver from its own module, with the
// dependencies that its release names.
func makeSample(step progress, dir string) error {
	args := append([]string{"install"}, strings.Fields(sampleFlags)...)
	args = append(args, "-ldflags=-s -w", "k8s.io/sample-apiserver@v"+SampleVersion)
	install := goCommand(dir, args...)
	install.Env = append(install.Env, "GOBIN="+filepath.Join(dir, "bin"))
	return step.run("downloading and compiling, 1 minute the first time", install)
}
