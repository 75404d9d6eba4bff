// Package e2e drives the built program from outside, as its users do: a real browser, real HTTP, real
// signals. It imports nothing of Mitral but what makes test databases.
package e2e
