package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	nodestages "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	podstages "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
	kwokconfig "sigs.k8s.io/kwok/pkg/apis/config/v1alpha1"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
	"sigs.k8s.io/kwok/pkg/kwok/controllers"
	"sigs.k8s.io/kwok/pkg/utils/client"
	"sigs.k8s.io/yaml"
)

// runKwok runs kwok's controllers for all nodes, with kwok's defaults and the stages that kwok ships: every
// node gets ready, every pod bound to a node runs. kwok's own main would link a hundred packages more, for
// kustomize and for what kubelets serve.
func runKwok(args []string) error {
	flags := flag.NewFlagSet("kwok", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "the cluster's kubeconfig")
	_ = flags.Parse(args)

	defaults := &kwokconfig.KwokConfiguration{}
	kwokconfig.SetObjectDefaults_KwokConfiguration(defaults)
	config := controllers.Config{
		Clock:                         clock.RealClock{},
		ManageAllNodes:                true,
		CIDR:                          defaults.Options.CIDR,
		PodPlayStageParallelism:       defaults.Options.PodPlayStageParallelism,
		NodePlayStageParallelism:      defaults.Options.NodePlayStageParallelism,
		PodsOnNodeSyncParallelism:     defaults.Options.PodsOnNodeSyncParallelism,
		EnablePodsOnNodeSyncListPager: *defaults.Options.EnablePodsOnNodeSyncListPager,
	}
	var err error
	if config.LocalStages, err = stages(); err != nil {
		return err
	}
	if config.ID, err = controllers.Identity(); err != nil {
		return err
	}
	if err = addClients(&config, *kubeconfig); err != nil {
		return err
	}
	controller, err := controllers.NewController(config)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err = controller.Start(ctx); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "watching all nodes")
	<-ctx.Done() // never
	return nil
}

// stages returns kwok's stages, by the resource that they are for.
func stages() (map[internalversion.StageResourceRef][]*internalversion.Stage, error) {
	found := map[internalversion.StageResourceRef][]*internalversion.Stage{}
	for _, text := range []string{
		nodestages.DefaultNodeInit,
		podstages.DefaultPodReady,
		podstages.DefaultPodComplete,
		podstages.DefaultPodDelete,
	} {
		var written v1alpha1.Stage
		if err := yaml.Unmarshal([]byte(text), &written); err != nil {
			return nil, err
		}
		stage, err := internalversion.ConvertToInternalStage(&written)
		if err != nil {
			return nil, err
		}
		found[stage.Spec.ResourceRef] = append(found[stage.Spec.ResourceRef], stage)
	}
	return found, nil
}

// addClients adds the clients that kwok's controllers use.
func addClients(config *controllers.Config, kubeconfig string) error {
	clients, err := client.NewClientset("", kubeconfig)
	if err != nil {
		return err
	}
	restConfig, err := clients.ToRESTConfig()
	if err != nil {
		return err
	}
	if config.RESTClient, err = rest.RESTClientFor(restConfig); err != nil {
		return err
	}
	if config.TypedClient, err = kubernetes.NewForConfig(restConfig); err != nil {
		return err
	}
	if config.DynamicClient, err = clients.ToDynamicClient(); err != nil {
		return err
	}
	if config.RESTMapper, err = clients.ToRESTMapper(); err != nil {
		return err
	}
	config.ImpersonatingDynamicClient = clients.ToImpersonatingDynamicClient()
	config.ImpersonatingTypedClient = clients.ToImpersonatingTypedClient()
	return nil
}
