package fhir

import (
	"net/http"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
)

// bundle answers POST to Root: a batch or a transaction.
func (c *call) bundle() error {
	n, err := c.node()
	if err != nil {
		return err
	}
	out, err := c.runner.Run(c.ctx(), c.who, n, c.prefer.give == "representation" && c.r.Header.Get("Prefer") != "")
	if err != nil {
		return err
	}
	if c.prefer.give == "OperationOutcome" {
		return send(c.w, http.StatusOK, outcome.JSON(nil), c.form.pretty)
	}
	return send(c.w, http.StatusOK, out, c.form.pretty)
}
