package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	protobufType = "application/vnd.kubernetes.protobuf"
	// writers make changes at once: as many as keep the rate though each answer
	// takes a quarter of a second, as it does where others need the cores.
	writers = 128
	// writerConnections is what they share: kube-apiserver bounds the requests of
	// one connection.
	writerConnections = 4
	// toldDeadline bounds the wait for what no watch tells.
	toldDeadline = 30 * time.Second
)

// change is one of an Event: it is made, gets another reason, or is deleted.
type change struct {
	pod, number int
	method      string
	reason      string // that the object of the view has from then on, or, of a deletion, has no more

	due, answered time.Time
	source        time.Time // kube-apiserver's own watch told it
	told          time.Time // the view's watch told it
}

func (c *change) done() bool { return !c.answered.IsZero() && !c.source.IsZero() && !c.told.IsZero() }

// shown says whether an object of the view with these reasons has seen the change.
func (c *change) shown(reasons []string) bool {
	return slices.Contains(reasons, c.reason) == (c.method != http.MethodDelete)
}

// live is an Event that is there.
type live struct {
	pod, number int
	reason      string
}

// churn makes changes and knows which of them have been told. No Event changes
// again before its last change is done: every change is told of by itself.
type churn struct {
	encoder encoder
	names   []string       // of Pods
	pods    map[string]int // by namespace and name
	next    []int          // number of a Pod's next Event

	mutex  sync.Mutex
	events []live
	ofPod  map[int][]*change  // that the view has not told
	ofName map[string]*change // that are not done, by the Event's name
	done   []*change
	failed chan error // holds one
}

func newChurn(pods int) (*churn, error) {
	encoder, err := newEncoder()
	if err != nil {
		return nil, err
	}
	c := &churn{
		encoder: encoder, pods: map[string]int{}, ofPod: map[int][]*change{}, ofName: map[string]*change{},
		failed: make(chan error, 1),
	}
	for index := range pods {
		pod := podOf(index)
		c.names = append(c.names, pod.Name)
		c.pods[pod.Namespace+"/"+pod.Name] = index
		c.next = append(c.next, eventsOfPod)
		for number, reason := range firstReasons {
			c.events = append(c.events, live{index, number, reason})
		}
	}
	return c, nil
}

// run makes so many changes at a rate, and returns when all of them are told.
func (c *churn) run(ctx context.Context, client *Client, count int, rate float64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan *change)
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() {
			for one := range work {
				if err := c.write(ctx, client, writer, one); err != nil {
					c.fail(err)
				}
			}
		})
	}
	group.Go(func() {
		defer close(work)
		began := time.Now()
		for index := range count {
			due := began.Add(time.Duration(float64(index) / rate * float64(time.Second)))
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Until(due)):
			}
			select {
			case <-ctx.Done():
				return
			case work <- c.choose(index, due):
			}
		}
	})
	err := c.finished(ctx, count, time.Duration(float64(count)/rate*float64(time.Second))*4+toldDeadline)
	cancel(err)
	group.Wait()
	return err
}

// choose picks what changes: a new Event, a changed one and a deleted one by
// turns, each of a random Pod.
func (c *churn) choose(turn int, due time.Time) *change {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	one := &change{due: due, reason: fmt.Sprintf("Reason%07d", turn)}
	if turn%3 == 0 {
		one.method, one.pod = http.MethodPost, rand.IntN(len(c.names))
		one.number = c.next[one.pod]
		c.next[one.pod]++
		c.events = append(c.events, live{one.pod, one.number, one.reason})
	} else {
		index := rand.IntN(len(c.events))
		for c.ofName[c.name(c.events[index].pod, c.events[index].number)] != nil {
			index = rand.IntN(len(c.events))
		}
		event := &c.events[index]
		one.pod, one.number, one.method = event.pod, event.number, http.MethodPut
		if turn%3 == 1 {
			event.reason = one.reason
		} else {
			one.method, one.reason = http.MethodDelete, event.reason
			c.events = slices.Delete(c.events, index, index+1)
		}
	}
	c.ofPod[one.pod] = append(c.ofPod[one.pod], one)
	c.ofName[c.name(one.pod, one.number)] = one
	return one
}

func (c *churn) name(pod, number int) string { return eventName(c.names[pod], pod, number) }

// write makes the change through kube-apiserver.
func (c *churn) write(ctx context.Context, client *Client, worker int, one *change) error {
	path := "/api/v1/namespaces/" + podNamespace(one.pod) + "/events"
	request := Request{Method: one.method, Path: path, Accept: protobufType}
	if one.method != http.MethodPost {
		request.Path += "/" + c.name(one.pod, one.number)
	}
	if one.method != http.MethodDelete {
		event := eventOf(one.pod, one.number, one.reason)
		event.UID, event.ManagedFields = "", nil // kube-apiserver gives them
		body, err := c.encoder.encode(event)
		if err != nil {
			return err
		}
		request.Type, request.Body = protobufType, body
	}
	if err := client.Do(ctx, worker, request, nil); err != nil {
		return err
	}
	now := time.Now()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	one.answered = now
	c.settle(one)
	return nil
}

// settle counts a change that everybody has told; the mutex is held.
func (c *churn) settle(one *change) {
	if one.done() {
		delete(c.ofName, c.name(one.pod, one.number))
		c.done = append(c.done, one)
	}
}

// hear takes an event of the view's watch.
func (c *churn) hear(now time.Time, summary *Summary) error {
	pod, known := c.pods[summary.key()]
	if !known {
		return fmt.Errorf("the view's watch tells of %s", summary.key())
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.ofPod[pod] = slices.DeleteFunc(c.ofPod[pod], func(one *change) bool {
		if !one.shown(summary.Events) {
			return false
		}
		one.told = now
		c.settle(one)
		return true
	})
	return nil
}

// hearSource takes an event of kube-apiserver's watch of Events.
func (c *churn) hearSource(now time.Time, name string) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	one := c.ofName[name]
	if one == nil || !one.source.IsZero() {
		return fmt.Errorf("kube-apiserver's watch tells of %s, which has not changed", name)
	}
	one.source = now
	c.settle(one)
	return nil
}

func (c *churn) fail(err error) {
	select {
	case c.failed <- err:
	default:
	}
}

// finished waits for so many changes to be done.
func (c *churn) finished(ctx context.Context, count int, deadline time.Duration) error {
	ended := time.After(deadline)
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		c.mutex.Lock()
		done := len(c.done)
		c.mutex.Unlock()
		if done == count {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-c.failed:
			return err
		case <-ended:
			return errors.Join(fmt.Errorf("%d changes of %d were told of", done, count), c.untold())
		case <-ticker.C:
		}
	}
}

// untold is a change that somebody has not told.
func (c *churn) untold() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for name, one := range c.ofName {
		return fmt.Errorf("%s of Event %s: answered %t, told by kube-apiserver %t, by the view %t",
			one.method, name, !one.answered.IsZero(), !one.source.IsZero(), !one.told.IsZero())
	}
	return nil
}
