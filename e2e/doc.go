// Package e2e drives the built program from outside, as its users do: a real browser, real HTTP, real
// signals. It imports nothing of Mitral but its databases, to make them and to spoil them.
package e2e
