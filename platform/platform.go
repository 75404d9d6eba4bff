// Package platform is the folder of what every server needs and what knows nothing of health:
// databases, jobs, HTTP, files, mail, time, identifiers, faults and paging. It holds no code itself.
package platform
