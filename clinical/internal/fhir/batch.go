package fhir

import "net/http"

// bundle answers POST to Root: a batch or a transaction. Who does not ask for the resources that were
// written gets where they are.
func (c *call) bundle() error {
	n, err := c.node()
	if err != nil {
		return err
	}
	if err := c.unused(); err != nil {
		return err
	}
	out, err := c.runner.Run(c.ctx(), c.who, n, c.prefer.give == "representation" && c.prefer.given)
	if err != nil {
		return err
	}
	return send(c.w, http.StatusOK, out, c.form.pretty)
}
