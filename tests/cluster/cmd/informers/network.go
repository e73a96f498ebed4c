package main

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/rest"
)

const (
	// bytesPerSecond is less than what the changes need, so that they pile up.
	bytesPerSecond = 256 << 10
	// readMost keeps the pauses of a slow connection short and many.
	readMost = 8 << 10
	// One read in stallOneIn waits up to stallMost: then the pipe is full.
	stallOneIn = 40
	stallMost  = 800 * time.Millisecond
	// Between two cuts there is at least cutAfter and at most twice as much.
	cutAfter = 1200 * time.Millisecond
	// agedMost is how many watches ask for a revision that is long gone. client-go
	// waits longer from time to time, so there cannot be many.
	agedMost = 3
	// One watch in agedOneIn is such a one.
	agedOneIn = 3
)

// network gives an informer its connections: slow ones, that are cut when they
// have just begun to be useful. It counts what is asked through them.
type network struct {
	mu     sync.Mutex
	random *rand.Rand
	open   map[*connection]bool
	// Whether there is trouble at all.
	troubled bool

	dials, cuts, lists, watches, watchLists, aged atomic.Int64
}

func newNetwork(random *rand.Rand) *network {
	return &network{random: random, open: map[*connection]bool{}}
}

// through is a configuration whose clients use this network.
func (n *network) through(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.Dial = n.dial
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(request *http.Request) (*http.Response, error) {
			return next.RoundTrip(n.count(request))
		})
	})
	return config
}

func (n *network) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	n.dials.Add(1)
	n.mu.Lock()
	defer n.mu.Unlock()
	c := &connection{Conn: conn, network: n, random: rand.New(rand.NewPCG(n.random.Uint64(), 0))}
	n.open[c] = true
	return c, nil
}

// count counts a request. Of a watch it may ask for more than it was to.
func (n *network) count(request *http.Request) *http.Request {
	query := request.URL.Query()
	switch {
	case query.Get("watch") != "true":
		n.lists.Add(1)
	case query.Get("sendInitialEvents") == "true":
		n.watchLists.Add(1)
	default:
		n.watches.Add(1)
		if !n.age() {
			break
		}
		// As if the informer had been away for so long that the server has forgotten
		// where it left off.
		query.Set("resourceVersion", "1")
		request = request.Clone(request.Context())
		request.URL.RawQuery = query.Encode()
	}
	return request
}

func (n *network) age() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	aged := n.troubled && n.aged.Load() < agedMost && n.random.IntN(agedOneIn) == 0
	if aged {
		n.aged.Add(1)
	}
	return aged
}

// trouble cuts connections until it is told to stop.
func (n *network) trouble(ctx context.Context, random *rand.Rand) {
	n.set(true)
	defer n.set(false)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(cutAfter + time.Duration(random.Int64N(int64(cutAfter)))):
			n.cut()
		}
	}
}

func (n *network) set(troubled bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.troubled = troubled
}

func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.open {
		c.cut.Store(true)
		c.Conn.Close()
		delete(n.open, c)
		n.cuts.Add(1)
	}
}

// connection reads slowly and may be cut.
type connection struct {
	net.Conn
	network *network
	cut     atomic.Bool
	// Only one reads a connection.
	random *rand.Rand
}

func (c *connection) Read(into []byte) (int, error) {
	if c.random.IntN(stallOneIn) == 0 {
		time.Sleep(time.Duration(c.random.Int64N(int64(stallMost))))
	}
	count, err := c.Conn.Read(into[:min(len(into), readMost)])
	if c.cut.Load() {
		return 0, io.EOF // as if the peer had gone
	}
	time.Sleep(time.Duration(count) * time.Second / bytesPerSecond)
	return count, err
}

func (c *connection) Close() error {
	c.network.mu.Lock()
	delete(c.network.open, c)
	c.network.mu.Unlock()
	return c.Conn.Close()
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }
