package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	clientv3 "go.etcd.io/etcd/client/v3"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
)

// together is how many objects one transaction of etcd writes; it takes 128.
const together = 100

// stored is an object as kube-apiserver keeps and takes it.
type stored interface {
	runtime.Object
	meta.Object
}

// encoder writes objects as kube-apiserver writes them into etcd, and takes them
// from clients: protobuf in an envelope that names the type.
type encoder struct{ serializer *protobuf.Serializer }

func newEncoder() (encoder, error) {
	scheme := runtime.NewScheme()
	if err := core.AddToScheme(scheme); err != nil {
		return encoder{}, err
	}
	return encoder{protobuf.NewSerializer(scheme, scheme)}, nil
}

func (e encoder) encode(object stored) ([]byte, error) {
	var encoded bytes.Buffer
	err := e.serializer.Encode(object, &encoded)
	return encoded.Bytes(), err
}

// etcdClient is what kube-apiserver is to etcd.
func (b *Bed) etcdClient() (*clientv3.Client, error) {
	pair, err := tls.LoadX509KeyPair(b.secret("apiserver-etcd-client.crt"), b.secret("apiserver-etcd-client.key"))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(b.secret("etcd-ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	return clientv3.New(clientv3.Config{
		Endpoints: []string{"https://" + localhost(b.ports.Etcd)}, DialTimeout: startDeadline,
		TLS: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots, MinVersion: tls.VersionTLS12},
	})
}

// seed writes Pods and their Events into etcd, where kube-apiserver sees them as
// it sees what another kube-apiserver has written, and waits until it serves all.
func (b *Bed) seed(ctx context.Context, pods int) error {
	for index := range podNamespaces {
		if err := b.createNamespace(ctx, podNamespace(index)); err != nil {
			return err
		}
	}
	client, err := b.etcdClient()
	if err != nil {
		return err
	}
	defer client.Close()
	encoder, err := newEncoder()
	if err != nil {
		return err
	}
	err = write(ctx, client, encoder, pods, func(index int) (string, stored) { return "pods", podOf(index) })
	if err != nil {
		return err
	}
	err = write(ctx, client, encoder, pods*eventsOfPod, func(index int) (string, stored) {
		number := index % eventsOfPod
		return "events", eventOf(index/eventsOfPod, number, firstReasons[number])
	})
	if err != nil {
		return err
	}
	return until(ctx, "kube-apiserver serves what is in etcd", func() error {
		for resource, want := range map[string]int{"pods": pods, "events": pods * eventsOfPod} {
			if count, err := b.count(ctx, resource); err != nil || count != want {
				return fmt.Errorf("%d %s instead of %d: %v", count, resource, want, err)
			}
		}
		return nil
	})
}

// write puts objects where kube-apiserver keeps those of the core group. They have
// no lease: these Events do not expire.
func write(ctx context.Context, client *clientv3.Client, encoder encoder, count int, object func(int) (string, stored)) error {
	return spread(ctx, loaders, (count+together-1)/together, func(ctx context.Context, _, batch int) error {
		var puts []clientv3.Op
		for index := batch * together; index < min(count, (batch+1)*together); index++ {
			resource, object := object(index)
			encoded, err := encoder.encode(object)
			if err != nil {
				return err
			}
			key := "/registry/" + resource + "/" + object.GetNamespace() + "/" + object.GetName()
			puts = append(puts, clientv3.OpPut(key, string(encoded)))
		}
		_, err := client.Txn(ctx).Then(puts...).Commit()
		return err
	})
}

// count asks kube-apiserver how many objects there are.
func (b *Bed) count(ctx context.Context, resource string) (int, error) {
	var answer bytes.Buffer
	if err := b.admin.Do(ctx, 0, Request{Method: http.MethodGet, Path: "/api/v1/" + resource + "?limit=1"}, &answer); err != nil {
		return 0, err
	}
	var list struct {
		Metadata struct{ RemainingItemCount int }
		Items    []json.RawMessage
	}
	err := json.Unmarshal(answer.Bytes(), &list)
	return len(list.Items) + list.Metadata.RemainingItemCount, err
}
