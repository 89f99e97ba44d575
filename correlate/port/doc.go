// Package port declares what the engine asks of the world.
package port
