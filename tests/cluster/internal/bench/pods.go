package bench

import (
	"fmt"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	quantity "k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The shape of the cluster that the Pods seem to be of.
const (
	podNamespaces    = 100
	podNodes         = 500
	podsOfDeployment = 10
	eventsOfPod      = 2
)

// born is when all of it was made: etcd is written straight, where no admission
// looks at the time.
var born = meta.NewTime(time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC))

// teams name namespaces and Deployments.
var teams = []string{"checkout", "search", "catalog", "billing", "session", "media", "shipping"}

func podNamespace(index int) string { return fmt.Sprintf("team-%03d", index%podNamespaces) }

// identifier is a uid that tells what it is of.
func identifier(kind, index int) types.UID {
	return types.UID(fmt.Sprintf("5f0c1d2e-%04x-4b6a-8f1e-%012x", kind, index))
}

// podOf is a Deployment's Pod as a kubelet keeps it, of one container, every third
// of two; one in ten waits for a node.
func podOf(index int) *core.Pod {
	deployment := index / podNamespaces / podsOfDeployment
	app := fmt.Sprintf("%s-%03d", teams[index%podNamespaces%len(teams)], deployment)
	set := fmt.Sprintf("%s-%010x", app, 0x6d4f9c7b8d+deployment*7919)
	yes := true
	pod := &core.Pod{
		TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: meta.ObjectMeta{
			Name: fmt.Sprintf("%s-%05x", set, index), GenerateName: set + "-", Namespace: podNamespace(index),
			UID: identifier(1, index), CreationTimestamp: born, Generation: 1,
			Labels: map[string]string{"app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "shop", "pod-template-hash": set[len(app)+1:]},
			OwnerReferences: []meta.OwnerReference{{
				APIVersion: "apps/v1", Kind: "ReplicaSet", Name: set, UID: identifier(2, deployment), Controller: &yes, BlockOwnerDeletion: &yes,
			}},
			ManagedFields: []meta.ManagedFieldsEntry{
				managedBy("kube-controller-manager", "", specFields), managedBy("kubelet", "status", statusFields),
			},
		},
		Spec: podSpec(app, 1+index%3/2),
	}
	if index%10 != 0 {
		pod.Spec.NodeName = fmt.Sprintf("node-%03d.eu-central-1.compute.internal", index%podNodes)
	}
	pod.Status = podStatus(pod, index)
	return pod
}

func podSpec(app string, containers int) core.PodSpec {
	grace, seconds, priority := int64(30), int64(300), int32(0)
	links, preempt, mode, expires := true, core.PreemptLowerPriority, int32(0o644), int64(3607)
	spec := core.PodSpec{
		RestartPolicy: core.RestartPolicyAlways, TerminationGracePeriodSeconds: &grace, DNSPolicy: core.DNSClusterFirst,
		ServiceAccountName: app, DeprecatedServiceAccount: app, SecurityContext: &core.PodSecurityContext{},
		SchedulerName: "default-scheduler", Priority: &priority, PreemptionPolicy: &preempt, EnableServiceLinks: &links,
		Tolerations: []core.Toleration{
			{Key: core.TaintNodeNotReady, Operator: core.TolerationOpExists, Effect: core.TaintEffectNoExecute, TolerationSeconds: &seconds},
			{Key: core.TaintNodeUnreachable, Operator: core.TolerationOpExists, Effect: core.TaintEffectNoExecute, TolerationSeconds: &seconds},
		},
		Volumes: []core.Volume{
			{Name: "config", VolumeSource: core.VolumeSource{ConfigMap: &core.ConfigMapVolumeSource{
				LocalObjectReference: core.LocalObjectReference{Name: app + "-config"}, DefaultMode: &mode,
			}}},
			{Name: "kube-api-access-x7k2p", VolumeSource: core.VolumeSource{Projected: &core.ProjectedVolumeSource{
				DefaultMode: &mode,
				Sources: []core.VolumeProjection{
					{ServiceAccountToken: &core.ServiceAccountTokenProjection{ExpirationSeconds: &expires, Path: "token"}},
					{ConfigMap: &core.ConfigMapProjection{
						LocalObjectReference: core.LocalObjectReference{Name: "kube-root-ca.crt"},
						Items:                []core.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
					}},
				},
			}}},
		},
	}
	for _, name := range []string{"app", "envoy"}[:containers] {
		spec.Containers = append(spec.Containers, container(app, name))
	}
	return spec
}

func container(app, name string) core.Container {
	probe := &core.Probe{
		ProbeHandler:   core.ProbeHandler{HTTPGet: &core.HTTPGetAction{Path: "/healthz", Port: intstr.FromString("http"), Scheme: core.URISchemeHTTP}},
		TimeoutSeconds: 1, PeriodSeconds: 10, SuccessThreshold: 1, FailureThreshold: 3,
	}
	return core.Container{
		Name: name, Image: image(app, name), ImagePullPolicy: core.PullIfNotPresent,
		Ports: []core.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: core.ProtocolTCP}},
		Env:   []core.EnvVar{{Name: "LOG_LEVEL", Value: "info"}, {Name: "POD_NAME", ValueFrom: fieldOf("metadata.name")}},
		Resources: core.ResourceRequirements{
			Requests: core.ResourceList{"cpu": quantity.MustParse("100m"), "memory": quantity.MustParse("128Mi")},
			Limits:   core.ResourceList{"memory": quantity.MustParse("256Mi")},
		},
		VolumeMounts: []core.VolumeMount{
			{Name: "config", MountPath: "/etc/" + name},
			{Name: "kube-api-access-x7k2p", MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true},
		},
		ReadinessProbe: probe, TerminationMessagePath: core.TerminationMessagePathDefault, TerminationMessagePolicy: core.TerminationMessageReadFile,
	}
}

func fieldOf(path string) *core.EnvVarSource {
	return &core.EnvVarSource{FieldRef: &core.ObjectFieldSelector{APIVersion: "v1", FieldPath: path}}
}

func image(app, name string) string { return "registry.example.com/" + app + "/" + name + ":v1.42.0" }

func podStatus(pod *core.Pod, index int) core.PodStatus {
	condition := func(kind core.PodConditionType, status core.ConditionStatus) core.PodCondition {
		return core.PodCondition{Type: kind, Status: status, LastTransitionTime: born, ObservedGeneration: 1}
	}
	if pod.Spec.NodeName == "" {
		return core.PodStatus{
			Phase: core.PodPending, QOSClass: core.PodQOSBurstable,
			Conditions: []core.PodCondition{condition(core.PodScheduled, core.ConditionFalse)},
		}
	}
	address := fmt.Sprintf("10.%d.%d.%d", index>>16&255, index>>8&255, index&255)
	host := fmt.Sprintf("172.16.%d.%d", index%podNodes/250, index%podNodes%250)
	status := core.PodStatus{
		ObservedGeneration: 1, Phase: core.PodRunning, QOSClass: core.PodQOSBurstable, StartTime: &born,
		HostIP: host, HostIPs: []core.HostIP{{IP: host}}, PodIP: address, PodIPs: []core.PodIP{{IP: address}},
	}
	for _, kind := range []core.PodConditionType{
		core.PodReadyToStartContainers, core.PodInitialized, core.PodReady, core.ContainersReady, core.PodScheduled,
	} {
		status.Conditions = append(status.Conditions, condition(kind, core.ConditionTrue))
	}
	for number, container := range pod.Spec.Containers {
		digest := fmt.Sprintf("%064x", index*7919+number)
		started := true
		status.ContainerStatuses = append(status.ContainerStatuses, core.ContainerStatus{
			Name: container.Name, Image: container.Image, ImageID: strings.TrimSuffix(container.Image, ":v1.42.0") + "@sha256:" + digest,
			ContainerID: "containerd://" + digest, Ready: true, Started: &started, RestartCount: int32(index % 4),
			State: core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: born}},
		})
	}
	return status
}

// Managed fields: who set what. They are read by nobody here, but listed with
// the rest.
const (
	specFields = `{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:app.kubernetes.io/name":{},"f:pod-template-hash":{}},` +
		`"f:ownerReferences":{".":{},"k:{\"uid\":\"5f0c1d2e-0002-4b6a-8f1e-000000000000\"}":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":` +
		`{".":{},"f:env":{},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:ports":{},"f:readinessProbe":{},"f:resources":{}}},` +
		`"f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:serviceAccount":{},"f:volumes":{}}}`
	statusFields = `{"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}},` +
		`"f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:startTime":{}}}`
)

func managedBy(manager, subresource, fields string) meta.ManagedFieldsEntry {
	return meta.ManagedFieldsEntry{
		Manager: manager, Subresource: subresource, Operation: meta.ManagedFieldsOperationUpdate, APIVersion: "v1", Time: &born,
		FieldsType: "FieldsV1", FieldsV1: &meta.FieldsV1{Raw: []byte(fields)},
	}
}

// eventOf tells a reason of a Pod; number tells the Pod's Events apart.
func eventOf(pod, number int, reason string) *core.Event {
	of := podOf(pod)
	return &core.Event{
		TypeMeta: meta.TypeMeta{APIVersion: "v1", Kind: "Event"},
		ObjectMeta: meta.ObjectMeta{
			Name: eventName(of.Name, pod, number), Namespace: of.Namespace, UID: identifier(3+number, pod), CreationTimestamp: born,
			ManagedFields: []meta.ManagedFieldsEntry{managedBy("kubelet", "", eventFields)},
		},
		InvolvedObject: core.ObjectReference{
			APIVersion: "v1", Kind: "Pod", Namespace: of.Namespace, Name: of.Name, UID: of.UID, ResourceVersion: "1", FieldPath: "spec.containers{app}",
		},
		Reason: reason, Message: "Container image " + image("shop", "app") + " already present on machine and can be accessed by the pod",
		Source: core.EventSource{Component: "kubelet", Host: of.Spec.NodeName}, Type: core.EventTypeNormal,
		FirstTimestamp: born, LastTimestamp: born, Count: 1, ReportingController: "kubelet", ReportingInstance: of.Spec.NodeName,
	}
}

const eventFields = `{"f:count":{},"f:firstTimestamp":{},"f:involvedObject":{},"f:lastTimestamp":{},"f:message":{},"f:reason":{},` +
	`"f:reportingComponent":{},"f:reportingInstance":{},"f:source":{"f:component":{},"f:host":{}},"f:type":{}}`

func eventName(pod string, index, number int) string {
	return fmt.Sprintf("%s.%016x", pod, 0x17d9c0<<40+index<<16+number)
}

// firstReasons are those of a Pod's Events before anything changes.
var firstReasons = [eventsOfPod]string{"Pulled", "Started"}
