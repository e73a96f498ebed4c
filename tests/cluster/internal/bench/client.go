package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// errorShown is how much of a refusal's body is told, in bytes.
const errorShown = 300

// Identity is how a client shows who it is.
type Identity struct {
	Authority string      // file of the CA of the server's certificate, in the PKI's folder
	Pair      string      // name of the client certificate
	Header    http.Header // further headers: of a front proxy
}

// Client speaks HTTP/2 to one server, over a fixed number of connections.
type Client struct {
	base        string
	header      http.Header
	connections []*http.Client
}

// NewClient makes a client of the server at address, HOST:PORT.
func NewClient(pki, address string, identity Identity, connections int) (*Client, error) {
	pair, err := tls.LoadX509KeyPair(
		filepath.Join(pki, identity.Pair+".crt"), filepath.Join(pki, identity.Pair+".key"))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(filepath.Join(pki, identity.Authority))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	client := &Client{base: "https://" + address, header: identity.Header.Clone()}
	if client.header == nil {
		client.header = http.Header{}
	}
	client.header.Set("User-Agent", "bench/1")
	for range connections {
		client.connections = append(client.connections, &http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{
				Certificates: []tls.Certificate{pair}, RootCAs: roots, MinVersion: tls.VersionTLS13,
			},
			ForceAttemptHTTP2: true,
			// What is compared are the servers, not their compression.
			DisableCompression: true,
		}})
	}
	return client, nil
}

// Close ends the connections.
func (c *Client) Close() {
	for _, connection := range c.connections {
		connection.CloseIdleConnections()
	}
}

// Request is one request; what is empty is left out.
type Request struct {
	Method string
	Path   string
	Accept string
	Type   string // of the body
	Body   []byte
}

// Do sends a request over the connection that belongs to the worker. The body of
// the answer goes into the buffer, or nowhere if that is nil.
func (c *Client) Do(ctx context.Context, worker int, request Request, into *bytes.Buffer) error {
	response, err := c.open(ctx, worker, request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, response.Body)
	} else {
		into.Reset()
		_, err = into.ReadFrom(response.Body)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", request.Method, request.Path, err)
	}
	return nil
}

// open sends a request and returns the answer once its header is there.
func (c *Client) open(ctx context.Context, worker int, request Request) (*http.Response, error) {
	var body io.Reader
	if request.Body != nil {
		body = bytes.NewReader(request.Body)
	}
	sent, err := http.NewRequestWithContext(ctx, request.Method, c.base+request.Path, body)
	if err != nil {
		return nil, err
	}
	sent.Header = c.header.Clone()
	sent.Header.Set("Accept", or(request.Accept, "application/json"))
	if request.Body != nil {
		sent.Header.Set("Content-Type", or(request.Type, "application/json"))
	}
	response, err := c.connections[worker%len(c.connections)].Do(sent)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusMultipleChoices || response.ProtoMajor != 2 {
		defer response.Body.Close()
		shown, _ := io.ReadAll(io.LimitReader(response.Body, errorShown))
		return nil, fmt.Errorf("%s %s: %s %s: %s", request.Method, request.Path, response.Proto, response.Status, shown)
	}
	return response, nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
