package scenarios

import "meshsim/trust"

// Closure is who can come to trust whom in a run of the scenario.
func (s *Scenario) Closure() (closure *trust.Closure, err error) {
	err = s.at(0, Options{}, func(r *running) error {
		closure = trust.Close(r.premises())
		return nil
	})
	return closure, err
}
