package main

// go get {{goPackages}}
// set -a; . ./otel.env; set +a; go run .

import (
	"context"
{{goImport}}
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
)

// startTracing is called first in main; the function that it returns is called last. The SDK reads name, endpoint and sampling from otel.env.
//
// What instruments itself: net/http (otelhttp.NewHandler, otelhttp.NewTransport), database/sql (otelsql.Open), gRPC (otelgrpc.NewServerHandler).
func startTracing(ctx context.Context) (func(context.Context) error, error) {
	exporter, err := {{goExporter}}
	if err != nil {
		return nil, err
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	return provider.Shutdown, nil
}
