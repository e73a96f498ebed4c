package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// requestTimeout bounds one request: a server that does not answer in this
// time is asked again, or is not healthy.
const requestTimeout = 5 * time.Second

// maxBody bounds an answer in bytes; the largest read here is a Node, of some
// ten thousand.
const maxBody = 4 << 20

// client speaks to the cluster's servers as its administrator.
type client struct {
	http *http.Client
}

func newClient(state State) (*client, error) {
	pair, err := tls.LoadX509KeyPair(state.secret("admin.crt"), state.secret("admin.key"))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(state.secret("ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots, MinVersion: tls.VersionTLS12},
	}
	return &client{&http.Client{Transport: transport, Timeout: requestTimeout}}, nil
}

// statusError is an answer other than success.
type statusError struct {
	code int
	body string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("status %d: %s", e.code, strings.TrimSpace(e.body))
}

// get reads a URL.
func (c *client) get(ctx context.Context, url string) ([]byte, error) {
	return c.do(ctx, http.MethodGet, url, "")
}

// create posts a manifest to a collection; an object that is there already
// stays.
func (c *client) create(ctx context.Context, url, manifest string) error {
	_, err := c.do(ctx, http.MethodPost, url, manifest)
	if refused, ok := err.(*statusError); ok && refused.code == http.StatusConflict {
		return nil
	}
	return err
}

func (c *client) do(ctx context.Context, method, url, manifest string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewBufferString(manifest))
	if err != nil {
		return nil, err
	}
	if manifest != "" {
		request.Header.Set("Content-Type", "application/yaml")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, &statusError{response.StatusCode, string(body)}
	}
	return body, nil
}

// nodeReady says why the node is not Ready, or nil if it is.
func (c *client) nodeReady(ctx context.Context, server string) error {
	body, err := c.get(ctx, server+"/api/v1/nodes/"+NodeName)
	if err != nil {
		return err
	}
	var node struct {
		Status struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
	if err := json.Unmarshal(body, &node); err != nil {
		return err
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type != "Ready" {
			continue
		}
		if condition.Status == "True" {
			return nil
		}
		return fmt.Errorf("node is not Ready: %s", condition.Message)
	}
	return fmt.Errorf("node has no Ready condition yet")
}
