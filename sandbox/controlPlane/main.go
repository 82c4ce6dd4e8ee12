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
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
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
		if err := runKwok(os.Args[1:]); err != nil {
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

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}
