package web

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are nil-safe: without a registry nothing is kept.
type metrics struct {
	took   *prometheus.HistogramVec
	flight prometheus.Gauge
}

func newMetrics(reg *prometheus.Registry) *metrics {
	if reg == nil {
		return nil
	}
	m := &metrics{
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "mitral_http_request_duration_seconds",
			Help:    "Requests by route, method and class of status: how many (_count) and how long.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "method", "status"}),
		flight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "mitral_http_requests_in_flight",
			Help: "Requests that are being answered now.",
		}),
	}
	reg.MustRegister(m.took, m.flight)
	return m
}

func (m *metrics) enter() {
	if m != nil {
		m.flight.Inc()
	}
}

func (m *metrics) leave(route, method string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.flight.Dec()
	m.took.WithLabelValues(route, method, class(status)).Observe(took.Seconds())
}

// class keeps the number of series small: "2xx".
func class(status int) string {
	classes := [...]string{"1xx", "2xx", "3xx", "4xx", "5xx"}
	if i := status/100 - 1; i >= 0 && i < len(classes) {
		return classes[i]
	}
	return "other"
}

// knownMethod keeps what strangers invent as methods out of log and metrics.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
