package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tributary.dev/tests/cluster/internal/cache"
)

// durableGateway is a gateway that keeps its objects in a file, by which it is
// measured beside sample-apiserver on etcd.
const durableGateway = "gateway-durable"

const durableGroup = "durable.example.com"

// mostConnections is how many connections the clients of a durable case share at
// the most.
const mostConnections = 8

// Durable measures durable writes, and starts with what was stored.
type Durable struct {
	*Run
	bed     *Bed
	file    string // the gateway's database
	bin     string // of sample-apiserver
	results *DurableResults
}

// durably says whether any durable case was asked for.
func (s *Settings) durably() bool {
	return len(s.writings()) > 0 || s.startsChosen()
}

// startsChosen says whether starts, and memory after them, were asked for.
func (s *Settings) startsChosen() bool { return chosen(s.Only, "durable start and memory") }

// PrepareDurable makes a gateway with a file the durable servers' first. There is
// none if no durable case was asked for.
func PrepareDurable(ctx context.Context, bed *Bed, settings *Settings) (*Durable, error) {
	if !settings.durably() {
		return nil, nil
	}
	if err := checkFsync(bed.etcd); err != nil {
		return nil, err
	}
	built, err := cache.Open()
	if err != nil {
		return nil, err
	}
	durable := &Durable{
		Run: &Run{Settings: settings, pki: bed.PKI, etcd: bed.etcd}, bed: bed,
		file: filepath.Join(bed.disk, "gateway", "data.redb"), bin: built.SampleAPIServer.Bin(),
		results: newDurableResults(settings),
	}
	if err := os.MkdirAll(filepath.Dir(durable.file), 0o700); err != nil {
		return nil, err
	}
	if durable.results.disk, err = diskOf(bed.disk); err != nil {
		return nil, err
	}
	object := fmt.Appendf(nil, definition, durableGroup, structure, `{"embedded":{"size":"1Gi"}}`)
	return durable, bed.define(ctx, object)
}

// MeasureDurable runs everything.
func MeasureDurable(ctx context.Context, durable *Durable) (*DurableResults, error) {
	if err := durable.measure(ctx); err != nil {
		for _, server := range durable.servers {
			err = errors.Join(err, server.Ended())
		}
		return nil, err
	}
	return durable.results, nil
}

func (d *Durable) measure(ctx context.Context) error {
	if chosen(d.Servers, durableGateway) {
		if err := d.addGateway(ctx); err != nil {
			return err
		}
	}
	if chosen(d.Servers, sample) {
		if err := d.addSample(ctx); err != nil {
			return err
		}
	}
	for _, server := range d.servers {
		if err := d.loadFirst(ctx, server); err != nil {
			return fmt.Errorf("%s: load: %w", server.Name, err)
		}
	}
	for round := range d.Rounds {
		if err := d.round(ctx, round); err != nil {
			return err
		}
	}
	if !d.startsChosen() {
		return nil
	}
	return d.startFull(ctx)
}

// addGateway starts the gateway, several times if starts are asked for.
func (d *Durable) addGateway(ctx context.Context) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	server := &Server{
		Name: durableGateway, Flunders: Flunders{group: durableGroup}, identity: frontProxy, address: localhost(port),
	}
	server.run = func() (*Server, error) {
		return d.bed.runGatewayAt(durableGateway, d.Gateway, durableGroup, port, "--data="+d.file, "--shutdown-delay=0")
	}
	d.servers = append(d.servers, server)
	if _, err := d.start(ctx, server); err != nil {
		return err
	}
	if !d.startsChosen() {
		return nil
	}
	return d.startEmpty(ctx, server)
}

// addSample takes sample-apiserver as it is, and starts it anew: what it did
// before is not to count.
func (d *Durable) addSample(ctx context.Context) error {
	for _, server := range d.bed.Servers {
		if server.Name != sample {
			continue
		}
		server.run = func() (*Server, error) { return d.bed.startSample(ctx, d.bin) }
		d.servers = append(d.servers, server)
		if err := d.stop(ctx, server, byTerm); err != nil {
			return err
		}
		_, err := d.start(ctx, server)
		return err
	}
	return errors.New("there is no " + sample)
}

// loadFirst finds out how large objects are, and creates those that updates and
// patches change, unless an earlier case did.
func (d *Durable) loadFirst(ctx context.Context, server *Server) error {
	if server.filling == "" {
		if err := server.measureFilling(ctx, d.Size); err != nil {
			return err
		}
	}
	if len(d.results.Cases) == 0 {
		return nil
	}
	return server.loadMore(ctx, loadingClients, d.Objects)
}
