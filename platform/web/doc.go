// Package web is how Mitral speaks HTTP: net/http and its mux, and around them one chain that every
// request passes, so that no feature can forget a part of it.
//
// A feature offers Routes. A Route's Handler returns an error instead of writing one: faults become
// a status in one table (Status) and a page or JSON in one place (Config.Fail), and what nobody
// classified is logged and never shown. New puts the routes behind request ids, panic recovery,
// access log, metrics, security headers with a strict Content-Security-Policy, rate limit, refusal of
// forms that other sites send, size and time limits and compression. Serve runs the result and stops
// it without cutting a request off.
//
// What leaves the process about a request is its pattern, never its path, query or address: those
// may say who somebody is. A response is "no-store" unless its handler says otherwise, so that a
// page with a person's name never lies in a cache by omission.
//
// May import platform/fault, clock and logs; knows no pages and no accounts.
package web
