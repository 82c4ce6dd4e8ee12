// Command controlplane is the sandbox's Kubernetes control plane in one binary. It acts as the program
// it is called by: etcd, kube-apiserver, kube-controller-manager, kube-scheduler or kwok.
// One binary links the libraries that the five share once.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	nodestages "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	podstages "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
	"sigs.k8s.io/kwok/pkg/config"
	kwok "sigs.k8s.io/kwok/pkg/kwok/cmd"
	"sigs.k8s.io/kwok/pkg/utils/signals"
)

func main() {
	if os.Getenv("EXIT_WITH_STDIN") != "" {
		go exitWithStdin()
	}
	var command *cobra.Command
	switch name := filepath.Base(os.Args[0]); name {
	case "etcd":
		etcdmain.Main(os.Args)
		return
	case "kube-apiserver":
		command = apiserver.NewAPIServerCommand()
	case "kube-controller-manager":
		command = controllermanager.NewControllerManagerCommand()
	case "kube-scheduler":
		command = scheduler.NewSchedulerCommand()
	case "kwok":
		if err := runKwok(); err != nil {
			fail(err)
		}
		return
	default:
		fail(fmt.Errorf("call it as etcd, kube-apiserver, kube-controller-manager, kube-scheduler or kwok, got %q", name))
	}
	os.Exit(cli.Run(command))
}

// exitWithStdin ends the process when its standard input does. The parent holds the other end of that
// pipe, so nothing outlives a parent that was killed without a chance to stop its children.
func exitWithStdin() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// runKwok is kwok's own main with the stages that kwok ships: every node gets ready, every pod bound to
// a node runs. kwok reads stages from files only.
func runKwok() error {
	dir, err := os.MkdirTemp("", "kwok-stages")
	if err != nil {
		return err
	}
	for name, stage := range map[string]string{
		"node-init":    nodestages.DefaultNodeInit,
		"pod-ready":    podstages.DefaultPodReady,
		"pod-complete": podstages.DefaultPodComplete,
		"pod-delete":   podstages.DefaultPodDelete,
	} {
		file := filepath.Join(dir, name+".yaml")
		if err := os.WriteFile(file, []byte(stage), 0o600); err != nil {
			return err
		}
		os.Args = append(os.Args, "--config="+file)
	}
	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	ctx, err := config.InitFlags(signals.SetupSignalContext(), flags)
	os.RemoveAll(dir) // the stages are read by now, and exitWithStdin skips what is deferred
	if err != nil {
		return err
	}
	command := kwok.NewCommand(ctx)
	command.Version = "" // its --version and that of the other programs, a global flag, exclude each other
	command.PersistentFlags().AddFlagSet(flags)
	return command.ExecuteContext(ctx)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}
