// Cluster builds and runs a real Kubernetes with no Docker: see README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

const usage = `usage: cluster COMMAND [flags]

  build        compile Kubernetes into the cache  [--node]
  up           start a cluster   [--name NAME] [--node] [--aggregator-routing]
               [--etcd-fsync] [--apiserver-arg FLAG]... [--timings]
  down         remove a cluster  [--name NAME | --all]
  status       examine a cluster [--name NAME] [-o text|json]
  kubectl      run kubectl       [--name NAME] [--] ARGUMENTS...
  load-image   give the node OCI archives  [--name NAME] FILE...
`

// Exit codes besides 0 and 1.
const (
	exitUsage = 2
	exitNotUp = 3 // of status: not up, or not healthy
)

// defaultName is the cluster that is meant where none is named.
const defaultName = "tributary"

var commands = map[string]func(context.Context, []string) error{
	"build":      build,
	"up":         up,
	"down":       down,
	"status":     status,
	"kubectl":    kubectl,
	"load-image": loadImage,
}

// exit is an error that decides the exit code and has been reported already.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(exitUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := commands[os.Args[1]](ctx, os.Args[2:])
	var code exit
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, &code):
		os.Exit(int(code))
	default:
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// flags makes the flag set of a command, with --name.
func flags(command string) (*flag.FlagSet, *string) {
	set := flag.NewFlagSet("cluster "+command, flag.ContinueOnError)
	return set, set.String("name", defaultName, "the cluster's name")
}

// parse reads the flags; arguments that no command takes are mistakes.
func parse(set *flag.FlagSet, args []string) error {
	if err := parseWithArguments(set, args); err != nil {
		return err
	}
	if set.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "%s: unexpected %q\n", set.Name(), set.Arg(0))
		return exit(exitUsage)
	}
	return nil
}

func parseWithArguments(set *flag.FlagSet, args []string) error {
	err := set.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		return exit(exitUsage) // the flag package has said why
	}
	return err
}

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string { return strings.Join(*l, " ") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}
